/** Headers that Anthropic's own API sends with its answers (API reference, "Response headers" of rate limits). */
import type { Receipt } from '#core/gateway/asked.ts'
import type { FlatHeaders } from '#http/receipt-headers.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'

/** `nowMs` is the wall clock: times of reset are stated as moments. The limits are this gateway's own. */
export function anthropicHeaders({ requestId, limits }: Receipt, nowMs: number): FlatHeaders {
  const headers: FlatHeaders = ['request-id', requestId]
  if (limits) {
    addGauge(headers, limits.requests, 'requests', nowMs)
    addGauge(headers, limits.tokens, 'tokens', nowMs)
  }
  return headers
}

function addGauge(headers: FlatHeaders, gauge: BucketGauge | undefined, kind: string, nowMs: number): void {
  if (!gauge) return
  headers.push(
    `anthropic-ratelimit-${kind}-limit`,
    String(gauge.limit),
    `anthropic-ratelimit-${kind}-remaining`,
    String(Math.max(0, Math.floor(gauge.remaining))),
    `anthropic-ratelimit-${kind}-reset`,
    wholeSecond(nowMs + Math.max(0, gauge.resetMs)),
  )
}

/** RFC 3339 to the second, rounded up: at that moment the limit is surely free. */
const wholeSecond = (atMs: number) =>
  new Date(Math.ceil(atMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')
