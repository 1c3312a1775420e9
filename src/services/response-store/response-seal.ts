/** The seal of kept responses: AES-256-GCM under the newest of the operator's keys, bound to the name it is kept under. */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'

export interface ResponseSeal {
  /** Base64: number of the key, nonce, tag, ciphertext. */
  seal(name: string, text: string): string
  /** Undefined for what was sealed under another name or with a key that is not there any more, and for damaged text. */
  open(name: string, sealed: string): string | undefined
}

const algorithm = 'aes-256-gcm'
const markBytes = 8
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32
const headBytes = markBytes + nonceBytes + tagBytes
const purpose = 'signalbox stored responses'

interface SealKey {
  /** Says which key a text was sealed with, and nothing about the key. */
  readonly mark: Buffer
  readonly key: Buffer
}

/** `secrets`: 32 bytes each, the newest first; all of them open, the newest seals. */
export function createResponseSeal(secrets: readonly [Uint8Array, ...Uint8Array[]]): ResponseSeal {
  const [newest, ...older] = secrets
  const sealing = sealKey(newest)
  const keys = [sealing, ...older.map(sealKey)]
  return {
    seal(name, text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, sealing.key, nonce).setAAD(Buffer.from(name))
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([sealing.mark, nonce, cipher.getAuthTag(), ciphertext]).toString('base64')
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      const found = keys.find(({ mark }) => mark.equals(bytes.subarray(0, markBytes)))
      if (!found || bytes.length < headBytes) return undefined
      try {
        const nonce = bytes.subarray(markBytes, markBytes + nonceBytes)
        const decipher = createDecipheriv(algorithm, found.key, nonce)
        decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(markBytes + nonceBytes, headBytes))
        return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}

function sealKey(secret: Uint8Array): SealKey {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, keyBytes))
  return { key, mark: hash('sha256', key, 'buffer').subarray(0, markBytes) }
}
