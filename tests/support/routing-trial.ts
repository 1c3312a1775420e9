// Routing tried out: a few models of three providers, and what a wish comes to among them.
import assert from 'node:assert/strict'
import { Problem } from '../../src/core/domain/problem.ts'
import type { ProblemCode } from '../../src/core/domain/problem.ts'
import { createRoutingEngine } from '../../src/services/routing-engine/routing-engine.ts'
import type { RoutingWish } from '../../src/services/routing-engine/routing-wish.ts'
import { card, sources, wish } from './routing-house.ts'
import type { SourcesWish } from './routing-house.ts'

export const models = [
  card('openai/gpt-4o', { quality: 0.8, usd: [2.5, 10], can: ['tools', 'image_input', 'json_schema'] }),
  card('openai/gpt-4o-mini', { quality: 0.65, usd: [0.15, 0.6], can: ['tools', 'image_input'] }),
  card('anthropic/claude-sonnet', { quality: 0.9, usd: [3, 15], can: ['tools'], contextTokens: 1_000_000 }),
  card('groq/llama-small', { quality: 0.4, usd: [0.05, 0.08], contextTokens: 8_000 }),
]

export const engine = (changes: Partial<SourcesWish> = {}) =>
  createRoutingEngine(sources({ models, ...changes }))

export function names(changes: Partial<RoutingWish>, house: Partial<SourcesWish> = {}): string[] {
  const { targets } = engine(house).choose(wish(changes))
  return targets.map((target) => `${target.provider.name}/${target.model}`)
}

export function refusal(changes: Partial<RoutingWish>, house: Partial<SourcesWish> = {}): Problem {
  try {
    engine(house).choose(wish(changes))
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    return thrown
  }
  throw new Error('nothing was refused')
}

export const codeOf = (...given: Parameters<typeof refusal>): ProblemCode => refusal(...given).code

export function configRefusal(house: Partial<SourcesWish>): Problem {
  try {
    engine(house)
  } catch (thrown) {
    assert.ok(thrown instanceof Problem)
    assert.equal(thrown.code, 'config_invalid')
    return thrown
  }
  throw new Error('nothing was refused')
}
