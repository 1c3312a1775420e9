/** An answer sealed for the time in which it may be given again: AES-256-GCM, bound to the key under which it was asked for. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'

export interface AnswerSeal {
  /** Base64: nonce, tag, ciphertext. */
  seal(name: string, answer: unknown): string
  /** Undefined for what was sealed with another secret or under another name, or by a program with another form. */
  open(name: string, sealed: string): unknown
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32
const purpose = 'signalbox answers under idempotency keys'

export function createAnswerSeal(secret: Uint8Array): AnswerSeal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, keyBytes))
  return {
    seal(name, answer) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name))
      const ciphertext = Buffer.concat([cipher.update(serialize(answer)), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64')
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      if (bytes.length < nonceBytes + tagBytes) return undefined
      try {
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
        decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
        const plain = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]
        return deserialize(Buffer.concat(plain)) as unknown
      } catch {
        return undefined
      }
    },
  }
}
