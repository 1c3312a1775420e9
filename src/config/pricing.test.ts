/** Settings of prices: the operator's own, margins, and how wrong ones are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadGiven, refusalOf } from '#tests/support/given-config.ts'

const pricingOf = (yaml: string) => loadGiven({ yaml: `pricing: {${yaml}}` }).pricing

test('a price of its own and a factor are read, with their time', () => {
  const { ownPrices } = pricingOf(`overrides: [
    {model: gpt-4o, provider: openai, valid_from: 2026-01-01, valid_to: "2026-02-01T12:00:00Z", input: "2", output: 8,
     tiers: [{above_input_tokens: 100, input: 4, output: 16}], service_tiers: {flex: {factor: "0.5"}, priority: {input: 5, output: 20}}},
    {provider: anthropic, factor: "0.9"}]`)
  const [own, factor] = ownPrices
  assert.ok(own?.kind === 'whole' && factor?.kind === 'factor')
  assert.equal(own.validToMs, Date.UTC(2026, 1, 1, 12))
  assert.equal(own.version.id, 'gpt-4o@override-1')
  assert.equal(own.version.base.output, 8_000_000_000)
  assert.equal(own.version.tiers[0]?.list.input, 4_000_000_000)
  assert.equal(own.version.services?.get('flex')?.tiers[0]?.list.input, 2_000_000_000)
  assert.equal(own.version.services?.get('priority')?.base.output, 20_000_000_000)
  assert.deepEqual([factor.millionths, factor.validFromMs, factor.validToMs], [900_000, 0, undefined])
})

test('a margin is read as whole millionths and nano-dollars', () => {
  const { margins } = pricingOf(
    'margins: [{tenant: acme, percent: "12.5", per_request: "0.001"}, {percent: -10}]',
  )
  assert.deepEqual(
    margins.map(({ tenantId, margin }) => [tenantId, margin.millionths, margin.perRequestNanoUsd]),
    [
      ['acme', 125_000, 1_000_000],
      [undefined, -100_000, 0],
    ],
  )
})

test('what makes no sense is refused with its place', () => {
  const faultsOf = (yaml: string) => refusalOf({ yaml: `pricing: {${yaml}}` }).message
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ['overrides: [{model: m}]', /either factor, or input and output/],
    ['overrides: [{model: m, factor: 1, input: 1, output: 1}]', /in place of prices/],
    ['overrides: [{input: 1, output: 1}]', /must name the model/],
    ['overrides: [{factor: "0.5"}]', /must name a provider, a model or both/],
    [
      'overrides: [{model: m, input: 1, output: 1, valid_from: 2026-02-01, valid_to: 2026-02-01}]',
      /after valid_from/,
    ],
    ['overrides: [{model: m, input: 1, output: 1, service_tiers: {flex: {input: 1}}}]', /either factor/],
    ['margins: [{percent: -101}]', /percentage/],
    ['margins: [{percent: "1e3"}]', /percentage/],
    ['margins: [{percent: 5, valid_from: 2026-02-01, valid_to: 2026-01-01}]', /after valid_from/],
  ]
  for (const [yaml, reason] of cases) assert.match(faultsOf(yaml), reason, yaml)
})
