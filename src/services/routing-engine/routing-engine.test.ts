import assert from 'node:assert/strict'
import { test } from 'node:test'
import { card, live, sources, wish } from '#tests/support/routing-house.ts'
import { codeOf, configRefusal, engine, models, names, refusal } from '#tests/support/routing-trial.ts'

test('a model is found by its catalogue name, by provider/name and by the name its provider knows', () => {
  const dated = card('openai/gpt-5', { providerModel: 'gpt-5-2026-01-01' })
  for (const modelAsked of ['gpt-5', 'openai/gpt-5', 'openai/gpt-5-2026-01-01', 'gpt-5-2026-01-01']) {
    assert.deepEqual(names({ modelAsked }, { models: [dated] }), ['openai/gpt-5-2026-01-01'])
  }
  assert.equal(engine().choose(wish({ modelAsked: 'gpt-4o' })).route, 'explicit')
})

test('an unknown name is refused with the nearest ones, and with a bounded echo of itself', () => {
  const problem = refusal({ modelAsked: 'gpt4o' })
  assert.equal(problem.code, 'model_not_found')
  assert.equal(problem.details.nearest?.[0], 'gpt-4o')
  assert.ok((problem.details.nearest?.length ?? 0) <= 5)
  const long = refusal({ modelAsked: 'x'.repeat(100_000) })
  assert.equal(long.code, 'model_not_found')
  assert.ok(long.message.length < 300)
})

test('any model of a live provider may be asked for as provider/name; its price stays unknown', () => {
  const choice = engine().choose(wish({ modelAsked: 'openai/gpt-99' }))
  assert.equal(choice.targets[0]?.model, 'gpt-99')
  assert.deepEqual(choice.targets[0]?.card.prices, [])
  assert.equal(codeOf({ modelAsked: 'openai/gpt-99\r\nx: y' }), 'model_not_found')
  assert.equal(codeOf({ modelAsked: 'nobody/gpt-99' }), 'model_not_found')
  const restricted = { providers: [live('openai', { models: ['gpt-4o'] })] }
  assert.equal(codeOf({ modelAsked: 'openai/gpt-99' }, restricted), 'model_not_found')
  assert.equal(codeOf({ modelAsked: 'openai/gpt-4o-mini' }, restricted), 'provider_not_configured')
})

test('aliases lead on, those of the settings first; circles and dead ends are refused at load', () => {
  const house = {
    catalogueAliases: { smart: 'gpt-4o', old: 'gpt-4o-mini' },
    aliases: {
      smart: 'clever',
      clever: 'claude-sonnet',
      'gpt-4o': 'openai/gpt-4o-mini',
      thrifty: 'auto:cheap',
    },
  }
  assert.deepEqual(names({ modelAsked: 'smart' }, house), ['anthropic/claude-sonnet'])
  assert.deepEqual(names({ modelAsked: 'old' }, house), ['openai/gpt-4o-mini'])
  assert.deepEqual(names({ modelAsked: 'gpt-4o' }, house), ['openai/gpt-4o-mini'])
  const choice = engine(house).choose(wish({ modelAsked: 'smart' }))
  assert.deepEqual([choice.route, choice.reason], ['alias', 'smart is another name of claude-sonnet'])
  assert.equal(engine(house).choose(wish({ modelAsked: 'thrifty' })).route, 'auto:cheap')

  assert.match(configRefusal({ aliases: { a: 'b', b: 'a' } }).message, /circle: a -> b -> a/)
  assert.match(configRefusal({ aliases: { a: 'gpt-4oo' } }).message, /"gpt-4oo"/)
  const long = { a: 'b', b: 'c', c: 'd', d: 'e', e: 'f', f: 'gpt-4o' }
  assert.match(configRefusal({ aliases: long }).message, /more than 5/)
})

test('no name means the default route, and a default that leads nowhere is refused at load', () => {
  assert.equal(engine().choose(wish()).route, 'auto')
  assert.deepEqual(names({}, { defaultRoute: 'claude-sonnet' }), ['anthropic/claude-sonnet'])
  configRefusal({ defaultRoute: 'nothing' })
})

test('auto is the cheapest whose quality is enough for the wish, the task, or anything usual', () => {
  assert.equal(names({})[0], 'openai/gpt-4o-mini')
  assert.equal(names({ taskType: 'classification', quality: 0.4 })[0], 'groq/llama-small')
  assert.equal(names({ taskType: 'code' })[0], 'openai/gpt-4o')
  assert.equal(names({ quality: 0.85 })[0], 'anthropic/claude-sonnet')
  const choice = engine().choose(wish({ quality: 0.6 }))
  assert.equal(choice.reason, 'cheapest of 3 capable models at quality 0.6 or more')
  assert.equal(names({ modelAsked: 'auto:cheap' })[0], 'groq/llama-small')
  assert.equal(names({ modelAsked: 'auto:best' })[0], 'anthropic/claude-sonnet')
})

test('a quality that nobody reaches is answered by the best, and the reason says so', () => {
  const choice = engine().choose(wish({ quality: 0.99 }))
  assert.equal(choice.targets[0]?.card.name, 'claude-sonnet')
  assert.match(choice.reason, /none has quality 0.99/)
})

test('auto:fast goes by measured latency, and by supposition where nobody measured', () => {
  assert.equal(names({ modelAsked: 'auto:fast' })[0], 'openai/gpt-4o-mini')
  const signalOf = (name: string) => ({
    isAvailable: true,
    successRate: 1,
    latencyMs: name === 'anthropic/claude-sonnet' ? 90 : 900,
  })
  assert.equal(names({ modelAsked: 'auto:fast', signalOf })[0], 'anthropic/claude-sonnet')
})

test('a model that lacks what is needed is refused by name with models that can, and passed over by routes', () => {
  const problem = refusal({ modelAsked: 'llama-small', needs: new Set(['tools', 'image_input']) })
  assert.equal(problem.code, 'unsupported_feature')
  assert.match(problem.message, /image input, tools/)
  assert.deepEqual(problem.details.nearest, ['gpt-4o-mini', 'gpt-4o'])
  assert.deepEqual(names({ needs: new Set(['json_schema']) }), ['openai/gpt-4o'])
  assert.equal(codeOf({ needs: new Set(['audio_input']) }), 'no_capable_model')
})

test('a request longer than the window goes to a model that reads more, or is refused', () => {
  assert.deepEqual(names({ inputTokens: 200_000 }), ['anthropic/claude-sonnet'])
  assert.equal(codeOf({ inputTokens: 200_000, modelAsked: 'gpt-4o' }), 'context_length_exceeded')
  assert.equal(codeOf({ inputTokens: 5_000_000 }), 'context_length_exceeded')
  // Estimates are rough: just past the window, a model asked for by name gets its chance.
  assert.deepEqual(names({ inputTokens: 130_000, modelAsked: 'gpt-4o' }), ['openai/gpt-4o'])
})

test('a key that allows only some models reaches no other by any way', () => {
  const allowedModels = ['gpt-4o*']
  assert.equal(codeOf({ allowedModels, modelAsked: 'claude-sonnet' }), 'model_not_permitted')
  assert.equal(codeOf({ allowedModels, modelAsked: 'anthropic/claude-99' }), 'model_not_permitted')
  assert.deepEqual(names({ allowedModels, modelAsked: 'auto:best' }), ['openai/gpt-4o', 'openai/gpt-4o-mini'])
  assert.deepEqual(names({ allowedModels, modelAsked: 'gpt-4o', fallbacks: ['claude-sonnet'] }), [
    'openai/gpt-4o',
  ])
  assert.equal(codeOf({ allowedModels: [], modelAsked: 'auto' }), 'model_not_permitted')
  assert.equal(names({ allowedModels: ['openai/*'], modelAsked: 'gpt-4o' }).length, 1)
  assert.equal(names({ allowedModels: ['auto:best'], modelAsked: 'auto:best' })[0], 'anthropic/claude-sonnet')
  assert.equal(codeOf({ allowedModels: ['a*'], modelAsked: 'gpt-4o' }), 'model_not_permitted')
})

test('a retired model is followed by the one that the catalogue names, or refused with what can answer', () => {
  const retired = [card('openai/gpt-3', { retiresOn: '2025-01-01' }), card('openai/gpt-4')]
  const problem = refusal({ modelAsked: 'gpt-3' }, { models: retired })
  assert.equal(problem.code, 'model_not_found')
  assert.match(problem.message, /retired by its provider on 2025-01-01/)
  assert.deepEqual(problem.details.nearest, ['gpt-4'])
  const house = { models: retired, catalogueAliases: { 'gpt-3': 'gpt-4' } }
  assert.deepEqual(names({ modelAsked: 'gpt-3' }, house), ['openai/gpt-4'])
  assert.deepEqual(names({ modelAsked: 'gpt-3', nowMs: Date.parse('2024-06-01') }, house), ['openai/gpt-3'])
  const circle = { models: [retired[0]!], catalogueAliases: { 'gpt-3': 'gpt-3' } }
  assert.equal(codeOf({ modelAsked: 'gpt-3' }, circle), 'model_not_found')
})

test('fallbacks follow in order without repeats; an unknown one is refused, an unable one passed over', () => {
  const fallbacks = ['claude-sonnet', 'gpt-4o', 'llama-small']
  assert.deepEqual(names({ modelAsked: 'gpt-4o', fallbacks, needs: new Set(['tools']) }), [
    'openai/gpt-4o',
    'anthropic/claude-sonnet',
  ])
  assert.equal(codeOf({ modelAsked: 'gpt-4o', fallbacks: ['nope'] }), 'model_not_found')
  assert.equal(codeOf({ modelAsked: 'nope', fallbacks }), 'model_not_found')
  const choice = engine().choose(
    wish({ modelAsked: 'llama-small', fallbacks: ['gpt-4o'], needs: new Set(['tools']) }),
  )
  assert.match(choice.reason, /^fallback, because llama-small cannot do tools$/)
})

test("the operator's routes choose among their own targets", () => {
  const target = (model: string, weight = 1) => ({ model, weight })
  const routes = new Map([
    ['mine', { strategy: 'ordered' as const, targets: [target('claude-sonnet'), target('gpt-4o')] }],
    ['frugal', { strategy: 'cheapest' as const, targets: [target('gpt-4o'), target('openai/gpt-4o-mini')] }],
    ['wide', { strategy: 'best' as const, targets: [] }],
  ])
  assert.deepEqual(names({ modelAsked: 'mine' }, { routes }), ['anthropic/claude-sonnet', 'openai/gpt-4o'])
  assert.equal(names({ modelAsked: 'frugal' }, { routes })[0], 'openai/gpt-4o-mini')
  assert.equal(names({ modelAsked: 'wide' }, { routes })[0], 'anthropic/claude-sonnet')
  assert.equal(
    names({ modelAsked: undefined }, { routes, defaultRoute: 'mine' })[0],
    'anthropic/claude-sonnet',
  )
  configRefusal({ routes: new Map([['bad', { strategy: 'ordered', targets: [target('gpt-4oo')] }]]) })
  configRefusal({ routes: new Map([['empty', { strategy: 'weighted', targets: [] }]]) })
})

test('a model without a price is chosen by name only, unless a ceiling pays for it', () => {
  const unpriced = [card('openai/mystery', { prices: [], quality: 1 }), card('openai/gpt-4o')]
  assert.deepEqual(names({ modelAsked: 'auto:best' }, { models: unpriced }), ['openai/gpt-4o'])
  assert.deepEqual(names({ modelAsked: 'mystery' }, { models: unpriced }), ['openai/mystery'])
  const ceilingPrice = { id: 'ceiling', validFromMs: 0, base: { input: 1, output: 1 }, tiers: [] }
  assert.equal(names({ modelAsked: 'auto:best' }, { models: unpriced, ceilingPrice })[0], 'openai/mystery')
})

test('a refused reload leaves the old table standing, a good one replaces it whole', () => {
  const routing = engine()
  assert.throws(() => routing.refresh(sources({ models, aliases: { a: 'a' } })))
  assert.equal(routing.choose(wish({ modelAsked: 'gpt-4o' })).targets.length, 1)
  routing.refresh(sources({ models: [card('openai/new')] }))
  assert.throws(() => routing.choose(wish({ modelAsked: 'gpt-4o' })))
  assert.equal(routing.choose(wish({ modelAsked: 'new' })).targets.length, 1)
})

test('the list of names shows what a caller may use and whether somebody would answer', () => {
  const listed = engine({ providers: [live('openai')], catalogueAliases: { four: 'gpt-4o' } }).names([
    'gpt-4o*',
  ])
  const models = listed.filter(({ card }) => card)
  assert.deepEqual(
    models.map(({ name, aliases, isAvailable }) => [name, aliases, isAvailable]),
    [
      ['gpt-4o', ['four'], true],
      ['gpt-4o-mini', [], true],
    ],
  )
  assert.ok(listed.some(({ name }) => name === 'auto'))
})

test('where the cheapest is wanted, whoever may stand in is tried in the order of cost, and nobody unknown or incapable', () => {
  const dear = card('openai/dear', { usd: [10, 20], can: ['tools'] })
  const middle = card('anthropic/middle', { usd: [5, 10], can: ['tools'] })
  const small = card('openai/small', { usd: [1, 2], can: ['tools'] })
  const blind = card('anthropic/blind', { usd: [0.1, 0.1] })
  const house = { models: [dear, middle, small, blind] }
  const cheaper = ['small', 'nobody', 'middle', 'blind']
  const needs = new Set(['text', 'tools'] as const)
  assert.deepEqual(names({ modelAsked: 'dear', cheaper, needs }, house), [
    'openai/small',
    'anthropic/middle',
    'openai/dear',
  ])
  assert.deepEqual(names({ modelAsked: 'dear', cheaper, needs, allowedModels: ['dear', 'middle'] }, house), [
    'anthropic/middle',
    'openai/dear',
  ])
  assert.deepEqual(names({ modelAsked: 'dear', cheaper: [] }, house), ['openai/dear'])
  assert.equal(codeOf({ modelAsked: 'nobody', cheaper }, house), 'model_not_found')
})
