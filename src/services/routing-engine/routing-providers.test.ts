import assert from 'node:assert/strict'
import { test } from 'node:test'
import { card, live, row, simulatedRow, wish } from '#tests/support/routing-house.ts'
import { codeOf, engine, names, refusal } from '#tests/support/routing-trial.ts'

test('only a provider that the operator calls free has models that cost nothing', () => {
  const own = (isFree: boolean) => ({ providers: [live('ollama', { isFree, models: ['llama3:8b'] })] })
  const target = (isFree: boolean, modelAsked: string) =>
    engine(own(isFree)).choose(wish({ modelAsked })).targets[0]
  assert.equal(target(true, 'llama3:8b')?.card.prices[0]?.base.output, 0)
  assert.equal(target(true, 'ollama/llama3:8b')?.model, 'llama3:8b')
  assert.deepEqual(target(false, 'llama3:8b')?.card.prices, [])
})

test('a provider without a key is named with the variable to set, and simulation stands in when it is on', () => {
  const providers = [{ row: row('openai'), state: 'keyless' as const }]
  const problem = refusal({ modelAsked: 'gpt-4o' }, { providers })
  assert.equal(problem.code, 'provider_not_configured')
  assert.match(problem.mend, /OPENAI_API_KEY/)
  assert.equal(codeOf({ modelAsked: 'auto' }, { providers }), 'provider_not_configured')

  const target = engine({ providers, simulated: simulatedRow }).choose(wish({ modelAsked: 'gpt-4o' }))
    .targets[0]
  assert.equal(target?.provider.isSimulated, true)
  assert.equal(target?.model, 'gpt-4o')
  assert.equal(target?.card.prices.length, 1)
})

test('a disabled provider is never simulated, and auto prefers real answers to simulated ones', () => {
  const providers = [{ row: row('openai'), state: 'disabled' as const }, live('groq')]
  const house = { providers, simulated: simulatedRow }
  assert.equal(codeOf({ modelAsked: 'gpt-4o' }, house), 'provider_not_configured')
  assert.deepEqual(names({ modelAsked: 'auto:best' }, house), ['groq/llama-small'])
  assert.deepEqual(names({ modelAsked: 'claude-sonnet' }, house), ['simulated/claude-sonnet'])
})

test('the same model at another configured provider is a further candidate, unless one provider was named', () => {
  const mirrored = [
    card('openai/gpt-4o'),
    card('azure/azure-gpt-4o', { providerModel: 'gpt-4o' }),
    card('openrouter/or-gpt-4o', { providerModel: 'openai/gpt-4o' }),
  ]
  const providers = [live('openai'), live('azure'), { row: row('openrouter'), state: 'keyless' as const }]
  assert.deepEqual(names({ modelAsked: 'gpt-4o' }, { models: mirrored, providers }), [
    'openai/gpt-4o',
    'azure/gpt-4o',
  ])
  assert.deepEqual(names({ modelAsked: 'openai/gpt-4o' }, { models: mirrored, providers }), ['openai/gpt-4o'])
  const keyless = [{ row: row('openai'), state: 'keyless' as const }, live('azure')]
  const house = { models: mirrored, providers: keyless, simulated: simulatedRow }
  assert.deepEqual(names({ modelAsked: 'gpt-4o' }, house), ['azure/gpt-4o'])
})

test('mirrors are known by either name, with dots or dashes, and a dated name of the provider hides none', () => {
  const mirrored = [
    card('anthropic/claude-x-4-5', { providerModel: 'claude-x-4-5-20260101' }),
    card('openrouter/or', {
      name: 'openrouter/anthropic/claude-x-4.5',
      providerModel: 'anthropic/claude-x-4.5',
    }),
  ]
  assert.deepEqual(names({ modelAsked: 'claude-x-4-5' }, { models: mirrored }), [
    'anthropic/claude-x-4-5-20260101',
    'openrouter/anthropic/claude-x-4.5',
  ])
  const onlyMirror = { models: mirrored, providers: [live('openrouter')] }
  assert.deepEqual(names({ modelAsked: 'claude-x-4-5' }, onlyMirror), ['openrouter/anthropic/claude-x-4.5'])
})

test('a target that is being left alone goes last, never away', () => {
  const signalOf = (name: string) => ({
    isAvailable: name !== 'openai/gpt-4o-mini',
    successRate: undefined,
    latencyMs: undefined,
  })
  const chosen = names({ signalOf })
  assert.equal(chosen[0], 'openai/gpt-4o')
  assert.equal(chosen.at(-1), 'openai/gpt-4o-mini')
  assert.deepEqual(names({ modelAsked: 'gpt-4o-mini', signalOf }), ['openai/gpt-4o-mini'])
})
