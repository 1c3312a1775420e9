/** The body of a refusal as text. */
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'

/** Errors are short; whatever is longer is a page of HTML. */
const errorBytesMax = 65_536

export function errorText(body: Uint8Array): string {
  return asBuffer(body).toString('utf8', 0, Math.min(body.byteLength, errorBytesMax))
}
