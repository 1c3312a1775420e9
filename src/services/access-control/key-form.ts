/** The form of a Signalbox key: `sbk_` + public id + `_` + secret + checksum, all in letters and digits. */
import { crc32 } from 'node:zlib'

export const keyPrefix = 'sbk_'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base = BigInt(alphabet.length)
const idCharacters = 12
/** 32 bytes are at most 43 digits in base 62. */
const secretCharacters = 43
export const secretBytes = 32
/** 2^32 - 1 is six digits in base 62. */
const checksumCharacters = 6
const keyCharacters = keyPrefix.length + idCharacters + 1 + secretCharacters + checksumCharacters
const keyPattern = new RegExp(`^${keyPrefix}([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$`)

/** A new key and its public id, from random bytes that nobody else has: 9 for the id and 32 for the secret. */
export function formKey(idRandom: Uint8Array, secretRandom: Uint8Array): { keyId: string; key: string } {
  const keyId = base62(idRandom, idCharacters)
  const body = `${keyPrefix}${keyId}_${base62(secretRandom, secretCharacters)}`
  return { keyId, key: body + checksumOf(body) }
}

/** The public id of something that has the form of a key and the right checksum; undefined for anything else. */
export function keyIdOf(presented: string): string | undefined {
  if (presented.length !== keyCharacters) return undefined
  const keyId = keyPattern.exec(presented)?.[1]
  if (keyId === undefined) return undefined
  const body = presented.slice(0, -checksumCharacters)
  return presented.endsWith(checksumOf(body)) ? keyId : undefined
}

/** The checksum tells mistyped keys from wrong ones without a look into the directory; it protects nothing. */
function checksumOf(body: string): string {
  return digits(BigInt(crc32(body)), checksumCharacters)
}

function base62(bytes: Uint8Array, characters: number): string {
  return digits(BigInt(`0x${Buffer.from(bytes).toString('hex')}`), characters)
}

/** The last so many digits of a number in base 62. */
function digits(value: bigint, characters: number): string {
  let rest = value
  let text = ''
  for (let i = 0; i < characters; i += 1) {
    text = (alphabet[Number(rest % base)] ?? '') + text
    rest /= base
  }
  return text
}
