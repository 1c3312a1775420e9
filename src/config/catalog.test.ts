/** The catalogue that comes with the program, and what a wrong one is told. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadCatalog, ownCatalogFile, withAliasTargets } from '#config/catalog.ts'
import type { Catalog } from '#config/config.ts'
import { readTextFile } from '#config/system-source.ts'
import { costOfUsage, priceAt } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'

const own = loadCatalog({ file: undefined, overridesFile: undefined }, { readFile: readTextFile })
const stateMs = Date.parse('2026-11-23T00:00:00Z')

function load(base: string, overrides?: string): Catalog {
  const files: Record<string, string | undefined> = { 'base.yaml': base, 'more.yaml': overrides }
  const config = { file: 'base.yaml', overridesFile: overrides === undefined ? undefined : 'more.yaml' }
  return loadCatalog(config, { readFile: (path) => files[path] })
}

function refusal(base: string, overrides?: string): string {
  try {
    load(base, overrides)
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'config_invalid')
    return error.message
  }
  assert.fail('the catalogue was accepted')
}

function cardOf(catalog: Catalog, name: string) {
  const card = catalog.models.find((model) => model.name === (catalog.aliases.get(name) ?? name))
  assert.ok(card, `${name} is not in the catalogue`)
  return card
}

const small = `
models:
  big:
    provider: openai
    abilities: [text]
    context_tokens: 1000
    max_output_tokens: 100
    prices:
      - {valid_from: 2026-02-01, source: list, input: "2", output: "10"}
      - {valid_from: 2026-01-01, source: list, input: 0.0000015, output: "20", tiers: [{above_input_tokens: 500, input: "4", output: "40"}]}
aliases:
  old: big
`

describe('the catalogue that comes with the program', () => {
  it('knows every large provider, and every current model of the first four has a price', () => {
    const providers = new Set(own.models.map((card) => card.provider))
    for (const name of [
      'openai',
      'anthropic',
      'google',
      'cohere',
      'groq',
      'mistral',
      'deepseek',
      'ollama',
      'azure-openai',
    ]) {
      assert.ok(providers.has(name), `${name} has no model`)
    }
    const unpriced = own.models
      .filter((card) => priceAt(card, stateMs) === undefined)
      .map((card) => card.name)
    assert.deepEqual(unpriced, [
      'command-a-plus-05-2026',
      'rerank-v5.0-pro',
      'rerank-v5.0-fast',
      'mistral-moderation-2603',
    ])
  })
  it('only models on own hardware cost nothing, but for the moderation that OpenAI gives away', () => {
    const free = own.models.filter((card) =>
      card.prices.some(({ base }) =>
        card.abilities.has('text')
          ? base.input === 0 || base.output === 0
          : base.input === 0 && base.perSearchUnitNanoUsd === undefined,
      ),
    )
    const names = free.map((card) => (card.provider === 'ollama' ? 'ollama' : card.name))
    assert.deepEqual([...new Set(names)].sort(), ['ollama', 'omni-moderation-latest'])
  })
  it('a model either answers in text or does one other kind of work, and says how long its vectors are', () => {
    for (const { name, abilities, embedding, maxOutputTokens } of own.models) {
      const work = ['text', 'embeddings', 'rerank', 'moderation'] as const
      assert.equal(work.filter((ability) => abilities.has(ability)).length, 1, name)
      assert.equal(embedding !== undefined, abilities.has('embeddings'), name)
      assert.equal(maxOutputTokens > 0, abilities.has('text'), name)
    }
  })
  it('writing to a cache never costs less than reading from it, nor a tier less than what lies below it', () => {
    for (const card of own.models) {
      for (const { base, tiers } of card.prices) {
        for (const list of [base, ...tiers.map((tier) => tier.list)]) {
          assert.ok((list.cachedInput ?? 0) <= list.input, `${card.name}: cached input`)
          assert.ok((list.cacheWrite ?? list.input) >= list.input, `${card.name}: cache write`)
          assert.ok(list.input >= base.input && list.output >= base.output, `${card.name}: tier`)
        }
      }
    }
  })
  for (const name of [
    'gpt-4o',
    'gpt-4-vision-preview',
    'gpt-4-turbo',
    'gpt-4',
    'gemini-pro-vision',
    'gemini-1.5-pro',
    'gemini-1.5-flash',
    'claude-3-opus-20240229',
    'claude-3-5-sonnet-20241022',
    'claude-3-haiku',
  ]) {
    it(`${name} still works, with images, tools and a forced tool`, () => {
      const { abilities } = cardOf(own, name)
      for (const ability of ['image_input', 'tools', 'tool_choice', 'streaming'] as const) {
        assert.ok(abilities.has(ability), ability)
      }
    })
  }
  for (const name of [
    'gpt-3.5-turbo',
    'claude-2',
    'gemini-pro',
    'command',
    'command-r',
    'command-r-plus',
    'deepseek-chat',
  ]) {
    it(`${name} still works`, () => assert.ok(cardOf(own, name).abilities.has('text')))
  }
  it('no other name leads to a model that has retired', () => {
    const retired = [...own.aliases].filter(
      ([, name]) => (cardOf(own, name).retiresOn ?? '9999') < '2026-11-23',
    )
    assert.deepEqual(retired, [])
  })
  it('charges a long request by its tier', () => {
    const price = priceAt(cardOf(own, 'gpt-5.5'), stateMs)
    assert.ok(price)
    const cost = (inputTokens: number) =>
      costOfUsage(price, { ...unknownUsage, inputTokens, outputTokens: 1000 })
    assert.equal(cost(272_000), 272_000 * 5000 + 1000 * 30_000)
    assert.equal(cost(272_001), 272_001 * 10_000 + 1000 * 45_000)
  })
})

describe('reading', () => {
  it('turns dollars into nano-dollars, sorts versions by their day and names them', () => {
    const [card] = load(small).models
    assert.deepEqual(
      card?.prices.map(({ id, validFromMs, base, tiers }) => [
        id,
        validFromMs,
        base.input,
        base.output,
        tiers.length,
      ]),
      [
        ['big@2026-01-01', Date.parse('2026-01-01T00:00:00Z'), 1500, 20_000_000_000, 1],
        ['big@2026-02-01', Date.parse('2026-02-01T00:00:00Z'), 2_000_000_000, 10_000_000_000, 0],
      ],
    )
    assert.equal(card?.providerModel, 'big')
  })
  it('a model without prices has an unknown price', () => {
    const bare = 'models: {m: {provider: p, abilities: [text], context_tokens: 10, max_output_tokens: 5}}'
    assert.equal(priceAt(cardOf(load(bare), 'm'), stateMs), undefined)
  })
  it('an override changes one field, adds models and takes over names', () => {
    const more = `
models:
  big: {quality: 0.5}
  old: {provider: vllm, abilities: [text], context_tokens: 10, max_output_tokens: 5}
aliases: {mine: old}
`
    const catalog = load(small, more)
    assert.equal(cardOf(catalog, 'big').quality, 0.5)
    assert.equal(cardOf(catalog, 'big').prices.length, 2)
    assert.equal(cardOf(catalog, 'old').provider, 'vllm')
    assert.equal(cardOf(catalog, 'mine').name, 'old')
  })
  it('settings that list an other name offer the model behind it', () => {
    assert.deepEqual(withAliasTargets(['old', 'big', 'new'], load(small).aliases), ['old', 'big', 'new'])
    assert.deepEqual(withAliasTargets(['old'], load(small).aliases), ['old', 'big'])
  })
})

describe('refusals', () => {
  const wrong: ReadonlyArray<readonly [string, string, RegExp]> = [
    [
      'a misspelt field',
      small.replace('context_tokens', 'context_token'),
      /base\.yaml:6:5: models\.big\.context_token is not a setting; did you mean context_tokens\?/,
    ],
    [
      'an unknown ability',
      small.replace('[text]', '[text, image_imput]'),
      /base\.yaml:5:23: .*did you mean image_input\?/,
    ],
    ['a negative price', small.replace('"2"', '"-2"'), /prices\[0\]\.input must be a price in US dollars/],
    ['a price that is no number', small.replace('"2"', '"two"'), /must be a price in US dollars/],
    ['a day that is none', small.replace('2026-02-01', '2026-02-30'), /valid_from must be a date/],
    ['two prices from one day', small.replace('2026-02-01', '2026-01-01'), /has the same valid_from/],
    [
      'more output than window',
      small.replace('max_output_tokens: 100', 'max_output_tokens: 1001'),
      /must not be above context_tokens/,
    ],
    [
      'a name for a model that does not exist',
      small.replace('old: big', 'old: bog'),
      /names bog, which is no model of the catalogue; did you mean big\?/,
    ],
    ['a name that is a model too', small.replace('old: big', 'big: big'), /is the name of a model too/],
    ['a model that stands twice', `${small}  old: big\n`, /keys must be unique/],
  ]
  for (const [what, yaml, sentence] of wrong) {
    it(`${what} is refused with its place`, () => assert.match(refusal(yaml), sentence))
  }
  it('a new model in the overrides must state all that a model needs', () => {
    assert.match(
      refusal(small, 'models:\n  fresh: {provider: p}\n'),
      /more\.yaml:2:10: models\.fresh\.abilities is missing/,
    )
  })
  it('a file that is missing is refused', () => {
    const config = { file: 'gone.yaml', overridesFile: undefined }
    assert.throws(() => loadCatalog(config, { readFile: () => undefined }), { code: 'config_invalid' })
    assert.match(ownCatalogFile, /config[/\\]model_catalog\.yaml$/)
  })
})
