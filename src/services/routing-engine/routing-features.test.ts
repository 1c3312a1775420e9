/** Facts about how routing holds what a question uses against what targets can be asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featureSet } from '#core/domain/feature.ts'
import type { Feature } from '#core/domain/feature.ts'
import { card, live, row } from '#tests/support/routing-house.ts'
import { codeOf, names, refusal } from '#tests/support/routing-trial.ts'

const can = ['temperature', 'stop_sequences', 'reasoning', 'tools'] as const
const models = [
  card('openai/gpt', { can, quality: 0.9, usd: [2, 8] }),
  card('openai/o-pro', { can, quality: 0.95, usd: [20, 80], quirks: new Set(['responses_only']) }),
  card('anthropic/claude', { can, quality: 0.8, usd: [3, 15] }),
  card('google/gemini', { can, quality: 0.7, usd: [1, 4] }),
]
const providers = [
  live('openai', { row: row('openai', { quirks: new Set(['speaks_responses', 'hides_thinking']) }) }),
  live('anthropic', { row: row('anthropic', { dialect: 'anthropic-messages' }) }),
  live('google', { row: row('google', { dialect: 'gemini-generate' }) }),
]
const house = { models, providers }
const uses = (...features: readonly Feature[]) => ({ features: featureSet(features) })

test('a target that would refuse is no candidate of a route', () => {
  assert.deepEqual(names({ modelAsked: 'auto:best', ...uses('stop') }, house), [
    'openai/gpt',
    'anthropic/claude',
    'google/gemini',
  ])
  assert.deepEqual(names({ modelAsked: 'auto:best', ...uses('logprobs', 'seed') }, house), [
    'openai/gpt',
    'google/gemini',
  ])
})

test('a model asked for by name is refused in plain words, with the field and models that can', () => {
  const problem = refusal({ modelAsked: 'o-pro', dialect: 'anthropic-messages', ...uses('stop') }, house)
  assert.equal(problem.code, 'unsupported_feature')
  assert.equal(problem.message, 'o-pro cannot be given stop sequences.')
  assert.equal(problem.details.param, 'stop_sequences')
  assert.deepEqual(problem.details.nearest, ['gpt', 'claude', 'gemini'])
  const all = refusal({ modelAsked: 'claude', ...uses('several_answers', 'seed', 'logprobs') }, house)
  assert.equal(all.message, 'claude cannot be given token log-probabilities, several answers.')
  assert.deepEqual(all.details.nearest, ['gpt', 'gemini'])
  assert.equal(all.details.param, 'model')
})

test('a model of two dialects is asked as long as one of them can say it', () => {
  assert.deepEqual(names({ modelAsked: 'gpt', ...uses('reasoning_shown') }, house), ['openai/gpt'])
  assert.deepEqual(names({ modelAsked: 'gpt', ...uses('stop') }, house), ['openai/gpt'])
  assert.equal(
    codeOf({ modelAsked: 'gpt', ...uses('reasoning_shown', 'stop') }, house),
    'unsupported_feature',
  )
})

test('fallbacks that would refuse are passed over', () => {
  const wish = { modelAsked: 'gpt', fallbacks: ['claude', 'gemini'], ...uses('several_answers') }
  assert.deepEqual(names(wish, house), ['openai/gpt', 'google/gemini'])
})

test('a route of which every model refuses says what it is about', () => {
  const files = uses('anthropic_file', 'openai_file', 'gemini_file')
  const problem = refusal({ modelAsked: 'auto', dialect: 'openai-chat', ...files }, house)
  assert.equal(problem.code, 'no_capable_model')
  assert.match(problem.message, /files that Gemini keeps/)
  assert.equal(problem.details.param, 'messages')
})

test('what came in its own dialect is passed through, except what the model itself cannot', () => {
  const native = { nativeDialect: 'anthropic-messages', modelAsked: 'claude' } as const
  assert.deepEqual(names({ ...native, ...uses('temperature_with_top_p') }, house), ['anthropic/claude'])
  assert.equal(
    codeOf({ modelAsked: 'claude', ...uses('temperature_with_top_p') }, house),
    'unsupported_feature',
  )
  const cold = { ...house, models: [card('anthropic/claude', { can: [] })] }
  assert.equal(codeOf({ ...native, ...uses('temperature') }, cold), 'unsupported_feature')
})
