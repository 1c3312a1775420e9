/** The `Idempotency-Key` of a request: what it is sent again under, and what exactly was sent. */
import { hash } from 'node:crypto'
import { Problem } from '#core/domain/problem.ts'
import type { RepeatMark } from '#core/domain/repeat-mark.ts'
import type { Exchange } from '#http/exchange.ts'
import type { JsonBody } from '#http/json-body.ts'

const keyForm = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/**
 * Undefined without the header. The digest covers the path and the body, byte by byte, and the key itself, so that equal
 * bodies under different keys cannot be told from it. Throws `invalid_value`.
 * Source: IETF draft "The Idempotency-Key HTTP Header Field"; Stripe API reference, "Idempotent requests".
 */
export function readRepeatMark({ request }: Exchange, { text }: JsonBody): RepeatMark | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !keyForm.test(key)) {
    throw new Problem('invalid_value', {
      param: 'idempotency-key',
      detail: 'idempotency-key must be 1 to 255 visible ASCII characters.',
    })
  }
  // A query says in what form the answer is wanted, or holds a credential; it does not change what is asked.
  const [path] = (request.url ?? '').split('?', 1)
  return { key, fingerprint: hash('sha256', `${JSON.stringify([key, path])}${text}`, 'base64url') }
}
