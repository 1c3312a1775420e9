/** What a request came to, as response headers. */
import { formatUsd } from '#core/domain/money.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { BucketGauge } from '#core/domain/rate-bucket.ts'

/** Names and values by turns, as `response.writeHead` takes them without building an object. */
export type FlatHeaders = string[]

const visibleAscii = /^[\x20-\x7e]*$/

/** Header values are ASCII: names with other characters are percent-encoded. */
const headerValue = (text: string) => (visibleAscii.test(text) ? text : encodeURIComponent(text))

/**
 * Adds the headers that are known once an answer begins and, with `isComplete`, those that its end decides (cost).
 */
export function addReceipt(headers: FlatHeaders, receipt: Receipt, isComplete: boolean): void {
  headers.push(
    'x-request-id',
    receipt.requestId,
    'x-signalbox-provider',
    headerValue(receipt.provider),
    'x-signalbox-model',
    headerValue(receipt.model),
    'x-signalbox-route',
    headerValue(receipt.route),
    'x-signalbox-cache',
    receipt.cache,
    'x-signalbox-attempts',
    String(receipt.attempts),
    'x-signalbox-overhead-ms',
    receipt.overheadMs.toFixed(2),
  )
  if (receipt.queuedMs > 0) headers.push('x-signalbox-queued-ms', receipt.queuedMs.toFixed(2))
  if (isComplete) {
    headers.push('x-signalbox-cost-usd', formatUsd(receipt.costNanoUsd))
    if (receipt.costInCurrency) headers.push('x-signalbox-cost-in-currency', receipt.costInCurrency)
  }
  if (receipt.isSimulated) headers.push('x-signalbox-simulated', 'true')
  if (receipt.repeatOf !== undefined) headers.push('x-signalbox-repeat-of', receipt.repeatOf)
  if (receipt.dropped.length > 0) headers.push('x-signalbox-dropped', headerValue(receipt.dropped.join(',')))
  if (receipt.degraded !== undefined) headers.push('x-signalbox-degraded', receipt.degraded)
  if (receipt.limits) {
    addGauge(headers, receipt.limits.requests, requestGaugeNames)
    addGauge(headers, receipt.limits.tokens, tokenGaugeNames)
  }
}

/** Names are put together once: `node:http` looks at each one, which is slow for a text in pieces. */
const gaugeNames = (kind: string) => ({
  limit: `x-ratelimit-limit-${kind}`,
  remaining: `x-ratelimit-remaining-${kind}`,
  reset: `x-ratelimit-reset-${kind}`,
})
const requestGaugeNames = gaugeNames('requests')
const tokenGaugeNames = gaugeNames('tokens')

function addGauge(
  headers: FlatHeaders,
  gauge: BucketGauge | undefined,
  { limit, remaining, reset }: typeof requestGaugeNames,
): void {
  if (!gauge) return
  headers.push(
    limit,
    String(gauge.limit),
    remaining,
    String(Math.max(0, Math.floor(gauge.remaining))),
    reset,
    durationText(gauge.resetMs),
  )
}

/** As OpenAI writes durations: `12ms`, `1.5s`, `6m0s`. */
export function durationText(durationMs: number): string {
  const wholeMs = Math.max(0, Math.ceil(durationMs))
  if (wholeMs < 1_000) return `${wholeMs}ms`
  const minutes = Math.floor(wholeMs / 60_000)
  const seconds = (wholeMs % 60_000) / 1_000
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
