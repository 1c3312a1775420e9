/** How long the caller's own client waits for an answer to begin, as official clients say it in headers of their own. */
import type { IncomingHttpHeaders } from 'node:http'

/**
 * In seconds: the OpenAI and Anthropic clients for JavaScript and for Python, and Google's. Their timers stop, or begin
 * anew, once an answer begins, so this bounds the wait for its beginning alone.
 */
const headerNames = ['x-stainless-timeout', 'x-stainless-read-timeout', 'x-server-timeout'] as const
const secondsForm = /^\d{1,6}(?:\.\d{1,6})?$/

/** The shortest wait that is named, in milliseconds; nobody wrote these headers by hand, so odd ones are ignored. */
export function clientPatienceMs(headers: IncomingHttpHeaders): number | undefined {
  let patienceMs: number | undefined
  for (const name of headerNames) {
    const value = headers[name]
    if (typeof value !== 'string' || !secondsForm.test(value)) continue
    const statedMs = Number(value) * 1_000
    if (statedMs >= 1 && statedMs < (patienceMs ?? Number.POSITIVE_INFINITY)) patienceMs = statedMs
  }
  return patienceMs
}
