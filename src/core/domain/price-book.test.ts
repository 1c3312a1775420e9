/** Which price holds: by time, by the operator's own prices, by service tier and with whose margin. */
import type { JsonObject } from '#core/domain/json.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { priceAt } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { costOfUsage } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createPriceBook, withOwnPrices } from '#core/domain/price-book.ts'
import type { MarginRule, OwnPrice } from '#core/domain/price-book.ts'
import { askedServiceTier, isServicePriceUnknown, scaledPrice } from '#core/domain/service-tier.ts'
import { unknownUsage } from '#core/domain/usage.ts'

const list = (input: number) => ({ input, output: input * 4 })
const versionOf = (id: string, input: number, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id,
  validFromMs: 0,
  base: list(input),
  tiers: [],
  ...more,
})
const cardOf = (prices: readonly PriceVersion[], name = 'big'): ModelCard => ({
  name,
  provider: 'openai',
  providerModel: `${name}-2026`,
  abilities: new Set(['text']),
  contextTokens: 1_000,
  maxOutputTokens: 100,
  prices,
  quirks: new Set(),
})
const whole = (version: PriceVersion, more: object = {}): OwnPrice => ({
  kind: 'whole',
  model: 'big',
  validFromMs: version.validFromMs,
  validToMs: version.validToMs,
  version,
  ...more,
})
const marginOf = (id: string, more: Partial<MarginRule> = {}): MarginRule => ({
  validFromMs: 0,
  margin: { id, millionths: 100_000, perRequestNanoUsd: toNanoUsd(5) },
  ...more,
})
const bookOf = (ownPrices: readonly OwnPrice[] = [], margins: readonly MarginRule[] = []) =>
  createPriceBook({ ownPrices, margins, ceilingPrice: undefined })

test('a version holds from its first moment until its last, which it does not hold any more', () => {
  const card = cardOf([
    versionOf('one', 1),
    versionOf('two', 2, { validFromMs: 100 }),
    versionOf('sale', 3, { validFromMs: 200, validToMs: 300 }),
  ])
  const ids = [0, 99, 100, 199, 200, 299, 300].map((at) => priceAt(card, at)?.id)
  assert.deepEqual(ids, ['one', 'one', 'two', 'two', 'sale', 'sale', 'two'])
  assert.equal(priceAt(cardOf([versionOf('later', 1, { validFromMs: 10 })]), 9), undefined)
})

test("the operator's own price counts while it is valid, by either of a model's names, and the last one stated", () => {
  const card = cardOf([versionOf('listed', 10)])
  const own = versionOf('own', 7, { validFromMs: 50, validToMs: 60 })
  const overlaid = (price: OwnPrice, at: number) => priceAt(withOwnPrices(card, [price]), at)?.id
  assert.equal(overlaid(whole(own), 49), 'listed')
  assert.equal(overlaid(whole(own), 50), 'own')
  assert.equal(overlaid(whole(own), 60), 'listed')
  assert.equal(overlaid(whole(own, { model: 'big-2026' }), 55), 'own')
  assert.equal(overlaid(whole(own, { provider: 'azure-openai' }), 55), 'listed')
  assert.equal(withOwnPrices(cardOf([], 'small'), [whole(own)]).prices.length, 0)
  const second = whole(versionOf('second', 8))
  assert.equal(bookOf([whole(own), second]).priceFor(card, 't', 55)?.id, 'second')
})

test('a factor goes over every version of the catalogue within its own time', () => {
  const card = cardOf([
    versionOf('one', 1_000, { services: new Map([['flex', scaledPrice(versionOf('', 1_000), 500_000)]]) }),
    versionOf('two', 3, { validFromMs: 100 }),
  ])
  const own: OwnPrice = {
    kind: 'factor',
    id: 'f',
    provider: 'openai',
    millionths: 900_000,
    validFromMs: 50,
    validToMs: 150,
  }
  const at = (moment: number) => priceAt(withOwnPrices(card, [own]), moment)
  assert.deepEqual([at(49)?.base.input, at(50)?.base.input, at(100)?.base.input], [1_000, 900, 3])
  assert.equal(at(100)?.id, 'two*f')
  assert.equal(at(50)?.services?.get('flex')?.base.input, 450)
  assert.equal(at(150)?.id, 'two')
})

test('a model that only its provider knows has the price that the operator gives it', () => {
  const unlisted = cardOf([], 'mystery')
  assert.equal(bookOf([whole(versionOf('own', 7))]).priceFor(unlisted, 't', 0), undefined)
  const own = whole(versionOf('own', 7), { model: 'mystery' })
  assert.equal(bookOf([own]).priceFor(unlisted, 't', 0)?.id, 'own')
})

test('the most particular margin is added: for the tenant first, then for the model, then for the provider', () => {
  const card = cardOf([versionOf('p', 1)])
  const rules = [
    marginOf('all'),
    marginOf('provider', { provider: 'openai' }),
    marginOf('model', { model: 'big' }),
    marginOf('acme', { tenantId: 'acme' }),
    marginOf('acme-model', { tenantId: 'acme', model: 'big', validFromMs: 100, validToMs: 200 }),
    marginOf('elsewhere', { tenantId: 'acme', model: 'small' }),
  ]
  const idOf = (tenantId: string, at = 0, of = card) =>
    bookOf([], rules).priceFor(of, tenantId, at)?.margin?.id
  assert.equal(idOf('other'), 'model')
  assert.equal(idOf('other', 0, cardOf(card.prices, 'huge')), 'provider')
  assert.equal(idOf('other', 0, { ...cardOf(card.prices, 'huge'), provider: 'x' }), 'all')
  assert.equal(idOf('acme'), 'acme')
  assert.equal(idOf('acme', 100), 'acme-model')
  assert.equal(idOf('acme', 200), 'acme')
  const book = bookOf([], rules)
  assert.equal(book.priceFor(card, 'acme', 0), book.priceFor(card, 'acme', 1), 'joined once')
})

test('the tier that answered is charged at its own price, and a dear one of unknown price at the factor', () => {
  const flex = scaledPrice(versionOf('', 1_000_000), 500_000)
  const price = versionOf('p', 1_000_000, {
    services: new Map([['flex', flex]]),
    unknownServiceMillionths: 2_500_000,
  })
  const usage = { ...unknownUsage, inputTokens: 100, outputTokens: 10 }
  const costIn = (serviceTier: string | undefined) => costOfUsage(price, { ...usage, serviceTier })
  assert.equal(costIn(undefined), 140)
  for (const word of ['default', 'standard', 'ON_DEMAND', 'batch', 'scale', 'made-up', 'constructor'])
    assert.equal(costIn(word), 140, word)
  for (const word of ['flex', 'FLEX', 'ON_DEMAND_FLEX']) assert.equal(costIn(word), 70, word)
  for (const word of ['priority', 'ON_DEMAND_PRIORITY', 'fast', 'ultrafast'])
    assert.equal(costIn(word), 350, word)
  assert.ok(isServicePriceUnknown(price, 'priority') && !isServicePriceUnknown(price, 'flex'))
})

test('a request asks for a tier in the words of its dialect, and for fast mode in a member of its own', () => {
  const asked = (body: JsonObject) =>
    askedServiceTier({ native: { dialect: 'anthropic-messages', body, text: '', members: new Map() } })
  assert.equal(asked({ service_tier: 'flex' }), 'flex')
  assert.equal(asked({ serviceTier: 'priority' }), 'priority')
  assert.equal(asked({ service_tier: 'auto', speed: 'fast' }), 'fast')
  assert.equal(asked({ service_tier: 'auto', speed: 'standard' }), 'auto')
  assert.equal(asked({ speed: 1.5 }), undefined)
})
