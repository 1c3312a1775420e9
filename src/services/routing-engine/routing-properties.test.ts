import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Ability } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'
import { fits } from '#services/routing-engine/model-patterns.ts'
import { createRoutingEngine } from '#services/routing-engine/routing-engine.ts'
import { rankWeighted } from '#services/routing-engine/strategies/weighted.ts'
import { routeModel } from '#services/routing-engine/routed-model.ts'
import { card, live, sources, wish } from '#tests/support/routing-house.ts'

const abilities: readonly Ability[] = ['tools', 'image_input', 'json_schema', 'logprobs', 'audio_input']

const anyModels = fc
  .array(
    fc.record({
      provider: fc.constantFrom('openai', 'anthropic', 'groq'),
      can: fc.subarray([...abilities]),
      quality: fc.double({ min: 0, max: 1, noNaN: true }),
      contextTokens: fc.integer({ min: 100, max: 100_000 }),
      price: fc.integer({ min: 0, max: 100 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((wishes) =>
    wishes.map(({ provider, can, quality, contextTokens, price }, position) =>
      card(`${provider}/model-${position}`, { can, quality, contextTokens, usd: [price, price] }),
    ),
  )

const anyWish = fc.record({
  modelAsked: fc.constantFrom('auto', 'auto:cheap', 'auto:fast', 'auto:best', 'model-0', 'drawn'),
  fallbacks: fc.subarray(['model-0', 'auto:best']),
  needs: fc.subarray([...abilities]).map((needs) => new Set(needs)),
  inputTokens: fc.integer({ min: 0, max: 100_000 }),
  quality: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  allowedModels: fc.option(fc.subarray(['openai/*', 'model-1*', 'groq/model-0']), { nil: undefined }),
  seed: fc.double({ min: 0, max: 0.999, noNaN: true }),
})

const anyUnavailable = fc.uniqueArray(fc.integer({ min: 0, max: 11 }))

test('no choice ever has a target that lacks a need, is not permitted, is repeated, or stands before an available one', () => {
  fc.assert(
    fc.property(anyModels, anyWish, anyUnavailable, (models, asked, unavailable) => {
      const isAvailable = (name: string) => !unavailable.some((number) => name.endsWith(`/model-${number}`))
      const signalOf = (name: string) => ({
        isAvailable: isAvailable(name),
        successRate: undefined,
        latencyMs: undefined,
      })
      const targets = models.map(({ name }, position) => ({ model: name, weight: position }))
      const routes = new Map([['drawn', { strategy: 'weighted' as const, targets }]])
      const engine = createRoutingEngine(sources({ models, routes }))
      const question = wish({ ...asked, signalOf })
      let choice
      try {
        choice = engine.choose(question)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem)
        assert.notEqual(thrown.code, 'internal_error')
        return
      }
      assert.ok(choice.targets.length > 0)
      assert.equal(new Set(choice.targets).size, choice.targets.length)
      let isPastAvailable = false
      for (const { card: chosen, provider, model } of choice.targets) {
        for (const need of asked.needs) assert.ok(chosen.abilities.has(need))
        assert.ok(chosen.contextTokens * 1.25 >= asked.inputTokens)
        const isPermitted =
          asked.allowedModels?.some(
            (pattern) => fits(pattern, chosen.name) || fits(pattern, `${chosen.provider}/${chosen.name}`),
          ) ?? true
        assert.ok(isPermitted)
        const isUp = isAvailable(`${provider.name}/${model}`)
        assert.ok(!(isUp && isPastAvailable))
        if (!isUp) isPastAvailable = true
      }
      assert.deepEqual(engine.choose(question), choice)
    }),
  )
})

test('the first of auto:cheap is never dearer than another target of the same choice', () => {
  fc.assert(
    fc.property(anyModels, (models) => {
      const { targets } = createRoutingEngine(sources({ models })).choose(
        wish({ modelAsked: 'auto:cheap', inputTokens: 100 }),
      )
      const prices = targets.map(({ card: chosen }) => chosen.prices[0]?.base.input ?? 0)
      assert.deepEqual(
        prices,
        prices.toSorted((a, b) => a - b),
      )
    }),
  )
})

test('weighted shares are exactly the weights, and those behind them are drawn as fairly', () => {
  const members = [5, 3, 0, 2].map((weight, position) => ({
    model: routeModel(card(`openai/m${position}`), live('openai'), undefined),
    weight,
  }))
  const draws = 20_000
  const first = [0, 0, 0, 0]
  const secondAfterFirst = [0, 0, 0, 0]
  for (let draw = 0; draw < draws; draw++) {
    const ranks = rankWeighted(members, { wish: wish({ seed: draw / draws }), costOf: () => 0 })
    const winner = ranks.indexOf(0)
    first[winner] = (first[winner] ?? 0) + 1
    if (winner === 0) secondAfterFirst[ranks.indexOf(1)] = (secondAfterFirst[ranks.indexOf(1)] ?? 0) + 1
    assert.equal(ranks[2], 3)
  }
  const near = (count: number | undefined, share: number) =>
    assert.ok(Math.abs((count ?? 0) / draws - share) < 0.001, `${count} of ${draws} is not ${share}`)
  near(first[0], 0.5)
  near(first[1], 0.3)
  near(first[3], 0.2)
  near(secondAfterFirst[1], 0.3)
  near(secondAfterFirst[3], 0.2)
})

test('a pattern fits as its regular expression would', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 6 })
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 })
  fc.assert(
    fc.property(letters, plain, (pattern, name) => {
      const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
      assert.equal(fits(pattern, name), expression.test(name))
    }),
  )
})
