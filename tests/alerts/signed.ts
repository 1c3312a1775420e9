/** The receiver's side of a signature, written from its description alone. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { Received } from './http-receiver.ts'

export type Body = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly type: string
  readonly budget: Readonly<Record<string, unknown>>
}

/** The body, once its signature was found right; the moment of the signature in seconds. */
export function checked({ headers, body }: Received, secret: string): { body: Body; atS: number } {
  const match = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-signalbox-signature']))
  assert.ok(match, String(headers['x-signalbox-signature']))
  const [, atS = '', digest = ''] = match
  assert.equal(digest, createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex'))
  assert.equal(headers['content-type'], 'application/json')
  return { body: JSON.parse(body) as Body, atS: Number(atS) }
}
