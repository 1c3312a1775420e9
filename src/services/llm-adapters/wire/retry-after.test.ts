/** Facts about reading how long a provider asks us to wait. */
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { parseJson } from '#core/domain/json.ts'
import { durationMs, retryAfterMs } from '#services/llm-adapters/wire/retry-after.ts'

const noon = Date.parse('Wed, 19 Aug 2026 12:00:00 GMT')

test('milliseconds win over seconds, and seconds over the text', () => {
  const text = 'Please try again in 3s.'
  assert.equal(retryAfterMs({ headers: { 'retry-after-ms': '1500', 'retry-after': '2' }, text }), 1_500)
  assert.equal(retryAfterMs({ headers: { 'retry-after': '2' }, text }), 2_000)
  assert.equal(retryAfterMs({ headers: { 'retry-after': '0.25' }, text }), 250)
  assert.equal(retryAfterMs({ headers: {}, text }), 3_000)
})

test('a delay of nothing gives way to a later source that says more', () => {
  assert.equal(retryAfterMs({ headers: { 'retry-after-ms': '0', 'retry-after': '1' } }), 1_000)
  assert.equal(retryAfterMs({ headers: { 'retry-after-ms': '0' } }), 0)
})

test('a date is compared with the moment given, or with the date of the reply itself', () => {
  const headers = { 'retry-after': 'Wed, 19 Aug 2026 12:00:30 GMT' }
  assert.equal(retryAfterMs({ headers }, noon), 30_000)
  assert.equal(retryAfterMs({ headers: { ...headers, date: 'Wed, 19 Aug 2026 12:00:10 GMT' } }), 20_000)
  assert.equal(retryAfterMs({ headers }), undefined)
  assert.equal(retryAfterMs({ headers }, noon + 60_000), 0)
})

test('Google puts the delay into the body, whether or not an array is around it', () => {
  const body = { error: { code: 429, details: [{ '@type': 'x' }, { retryDelay: '34.4s' }] } }
  assert.equal(retryAfterMs({ headers: {}, body }), 34_400)
  assert.equal(retryAfterMs({ headers: {}, body: [body] }), 34_400)
})

test('texts name delays in several spellings', () => {
  const of = (text: string) => retryAfterMs({ headers: {}, text })
  assert.equal(of('Limit 10000, Used 8554. Please try again in 9.816s.'), 9_816)
  assert.equal(of('Please try again in 644ms. Contact us'), 644)
  assert.equal(of('Please try again in 1m2.5s. Need more tokens?'), 62_500)
  assert.equal(of('Please retry after 20 seconds.'), 20_000)
  assert.equal(of('The model is overloaded. Please try again later.'), undefined)
})

test('reset headers count only for limits that are used up, and only as durations', () => {
  const headers = {
    'x-ratelimit-remaining-requests': '12',
    'x-ratelimit-reset-requests': '6m0s',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '17.399999999s',
  }
  assert.equal(retryAfterMs({ headers }), 17_400)
  assert.equal(retryAfterMs({ headers: { 'x-ratelimit-reset': '1786403070' } }), undefined)
  const anthropic = {
    'anthropic-ratelimit-input-tokens-remaining': '0',
    'anthropic-ratelimit-input-tokens-reset': '2026-08-19T12:00:05Z',
  }
  assert.equal(retryAfterMs({ headers: anthropic }, noon), 5_000)
})

test('a reset that is a moment counts from the date of the reply', () => {
  const date = new Date(noon).toUTCString()
  const inSeconds = String(noon / 1_000 + 20)
  assert.equal(retryAfterMs({ headers: { 'x-ratelimit-reset': inSeconds, date } }), 20_000)
  assert.equal(retryAfterMs({ headers: { 'x-ratelimit-reset': String(noon + 1_500), date } }), 1_500)
  assert.equal(retryAfterMs({ headers: { 'x-ratelimit-reset': inSeconds } }), undefined, 'no date, no delay')
})

test('hostile delays are ignored, and the next source is asked', () => {
  const hostile = ['1e12', '-5', '0x10', 'Infinity', 'soon', '86401', '99999999999999999999', '5;6', ' ']
  for (const value of hostile) {
    assert.equal(retryAfterMs({ headers: { 'retry-after': value } }, noon), undefined, value)
    const headers = { 'retry-after': value, 'x-ratelimit-reset-tokens': '3s' }
    assert.equal(retryAfterMs({ headers }, noon), 3_000, value)
    assert.equal(
      retryAfterMs(
        { headers: { 'retry-after-ms': value === '86401' ? '86400001' : value, 'retry-after': '2' } },
        noon,
      ),
      2_000,
      value,
    )
  }
  const nextYear = { 'retry-after': 'Wed, 19 Aug 2027 12:00:00 GMT' }
  assert.equal(retryAfterMs({ headers: nextYear }, noon), undefined)
})

test('durations are read as Go writes them, and nothing else is', () => {
  assert.equal(durationMs('12ms'), 12)
  assert.equal(durationMs('1h2m3s'), 3_723_000)
  assert.equal(durationMs('0s'), 0)
  assert.equal(durationMs('soon'), undefined)
  assert.equal(durationMs('-5'), undefined)
})

test('whatever headers and texts hold, the delay is a whole number from 0 or nothing', () => {
  const header = fc.constantFrom('retry-after', 'retry-after-ms', 'x-ratelimit-reset-tokens', 'date')
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('1e999', 'NaN', '-1', '1m'))
  fc.assert(
    fc.property(fc.dictionary(header, value), fc.string(), fc.json(), (headers, text, json) => {
      const delayMs = retryAfterMs({ headers, text, body: parseJson(json) })
      assert.ok(delayMs === undefined || (Number.isInteger(delayMs) && delayMs >= 0), String(delayMs))
    }),
  )
})
