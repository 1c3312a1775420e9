/** The signature of a webhook: proof that its body is ours, and when it was sent. */
import { createHmac } from 'node:crypto'

export const signatureHeader = 'x-signalbox-signature'

/**
 * `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body" in hexadecimal digits>`. Whoever checks it refuses old moments,
 * so that nobody can send the same body again later.
 */
export function signatureOf(body: string, secret: string, atMs: number): string {
  const atS = Math.floor(atMs / 1_000)
  return `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex')}`
}
