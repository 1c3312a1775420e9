/** What is held covers what may come: for every dialect, the cap that goes on the wire is what the hold pays for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '#core/domain/caller.ts'
import type { ChatQuestion, Dialect } from '#core/domain/chat.ts'
import { costOfUsage } from '#core/domain/model-card.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { workloadOfQuestion } from '#core/gateway/workload.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { nativeOf, sentBody } from '#tests/support/adapter-writing.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { questions } from '#tests/support/questions.ts'
import { user, text } from '#tests/support/question-words.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

/** Every output cap that stands in a body, wherever the dialect takes one. */
function capsIn(dialect: Dialect, body: Record<string, unknown>): number[] {
  const names: Readonly<Record<Dialect, readonly string[]>> = {
    'openai-chat': ['max_tokens', 'max_completion_tokens'],
    'openai-responses': ['max_output_tokens'],
    'anthropic-messages': ['max_tokens'],
    'gemini-generate': ['maxOutputTokens', 'max_output_tokens'],
    'cohere-chat': ['max_tokens'],
  }
  const inner = (body['generationConfig'] ?? body['generation_config']) as Record<string, unknown> | undefined
  const place = dialect === 'gemini-generate' ? (inner ?? {}) : body
  return names[dialect].flatMap((name) => (typeof place[name] === 'number' ? [place[name]] : []))
}

/** The same question as its own dialect's bytes, with whatever caps the caller wrote there. */
function nativeBodyOf(dialect: Dialect, words: string, cap: number, more: number) {
  const messages = [{ role: 'user', content: words }]
  switch (dialect) {
    case 'openai-chat':
      return { model: 'x', messages, max_tokens: cap, max_completion_tokens: more }
    case 'openai-responses':
      return { model: 'x', input: words, max_output_tokens: cap }
    case 'anthropic-messages':
      return { model: 'x', messages, max_tokens: cap }
    case 'gemini-generate':
      return { contents: [{ parts: [{ text: words }] }], generationConfig: { maxOutputTokens: cap } }
    case 'cohere-chat':
      return { model: 'x', messages, max_tokens: cap }
  }
}

const caller: Caller = { tenantId: 'acme', keyId: 'k', role: 'user', permissions: new Set(['inference']) }
const perMillion = fc.integer({ min: 0, max: 100_000_000_000 })
const price: fc.Arbitrary<PriceVersion> = fc
  .record({
    input: perMillion,
    output: perMillion,
    above: fc.integer({ min: 1, max: 5_000 }),
    dearer: perMillion,
  })
  .map(({ input, output, above, dearer }) => ({
    id: 'drawn',
    validFromMs: 0,
    base: { input, output, cacheWrite: input + dearer },
    tiers: [{ aboveInputTokens: above, list: { input: input + dearer, output: output + dearer } }],
  }))

const drawn = fc.record({
  price,
  asked: fc.constantFrom(...questions),
  words: fc.integer({ min: 0, max: 6_000 }),
  wished: fc.integer({ min: 1, max: 60_000 }),
  otherCap: fc.integer({ min: 1, max: 900_000 }),
  answers: fc.integer({ min: 1, max: 4 }),
  isNative: fc.boolean(),
  limit: fc.integer({ min: 0, max: 2_000_000_000 }),
  /** Of what the bound and the cap allow, from 0 to 1. */
  shareIn: fc.double({ min: 0, max: 1, noNaN: true }),
  shareOut: fc.double({ min: 0, max: 1, noNaN: true }),
})
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

function questionOf(dialect: Dialect, draw: Drawn): ChatQuestion {
  const words = 'word '.repeat(draw.words).trim()
  const { question } = draw.asked
  const own = { ...question, messages: [...question.messages, user(text(words))] }
  if (!draw.isNative) return { ...own, answerCount: draw.answers, maxOutputTokens: draw.wished }
  const native = nativeOf(dialect, nativeBodyOf(dialect, words, draw.wished, draw.otherCap))
  return { messages: [user(text(words))], isStreamed: false, maxOutputTokens: draw.wished, native }
}

/** Undefined when there was no money for it, or the dialect cannot ask it. */
async function heldAndSent(dialect: Dialect, draw: Drawn) {
  const target = recordedTarget({ dialect })
  const question = questionOf(dialect, draw)
  const workload = workloadOfQuestion(question)
  const clock = { nowMs: () => 0, monotonicMs: () => 0 }
  const limits = [{ scope: 'tenant', window: 'month', limitNanoUsd: toNanoUsd(draw.limit) }] as const
  const manager = createBudgetManager(
    { ledger: createMemoryLedger(), clock },
    { defaultMonthlyLimitNanoUsd: undefined, limits, holdLeaseMs: 1_000 },
  )
  try {
    const held = await manager.reserve({
      requestId: 'r1',
      caller,
      userId: 'ann',
      tags: [],
      target,
      price: draw.price,
      inputTokensBound: workload.estimate.bound,
      outputTokensWished: Math.min(draw.wished, target.card.maxOutputTokens),
      answerCount: workload.answerCount,
      maxCostNanoUsd: undefined,
    })
    const terms = { maxOutputTokens: held.outputTokensCap, requestId: 'r1' }
    return { held, workload, sent: adapters.for(dialect).encode(question, target, terms) }
  } catch (thrown) {
    if (thrown instanceof Problem && ['budget_exceeded', 'unsupported_feature'].includes(thrown.code))
      return undefined
    throw thrown
  }
}

for (const dialect of dialects) {
  test(`${dialect}: the cap is always sent, is what the hold pays for, and no answer within it costs more`, async () => {
    let sentCount = 0
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const found = await heldAndSent(dialect, draw)
        if (!found) return
        sentCount += 1
        const { held, workload, sent } = found
        const caps = capsIn(dialect, sentBody(sent))
        assert.ok(caps.length === 1, `caps in the body: ${caps.join()}`)
        const cap = caps[0] ?? 0
        assert.ok(cap <= held.outputTokensCap, `${cap} was sent, and ${held.outputTokensCap} is paid for`)
        const usage = {
          ...unknownUsage,
          inputTokens: Math.floor(workload.estimate.bound * draw.shareIn),
          outputTokens: Math.floor(cap * draw.shareOut) * workload.answerCount,
        }
        assert.ok(costOfUsage(held.price, usage) <= held.amount, 'the hold covers the answer')
        assert.ok(held.amount <= draw.limit, 'the limit covers the hold')
      }),
      { numRuns: 300 },
    )
    assert.ok(sentCount > 50, `only ${sentCount} were sent`)
  })
}
