import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Problem } from '#core/domain/problem.ts'
import { keepPace } from '#core/gateway/pace.ts'

/** Ten tokens in ten seconds. */
const pace = { tokensPerSecond: 1, windowMs: 10_000 }
const words = (count: number): readonly ChatEvent[] =>
  Array.from({ length: count }, () => ({ type: 'text-delta', choice: 0, text: 'word' }) as const)

function stream() {
  const state = { ms: 0, events: words(0), isComplete: false }
  const reply = {
    status: 200,
    headers: {},
    next: () => Promise.resolve(new Uint8Array(1)),
    whole: () => Promise.resolve(new Uint8Array()),
    cancel: () => undefined,
    drain: () => undefined,
  }
  const decoder = {
    push: () => state.events,
    end: () => [],
    problem: undefined,
    get isComplete() {
      return state.isComplete
    },
  }
  const paced = keepPace({ reply, decoder }, { nowMs: () => 0, monotonicMs: () => state.ms }, pace)
  /** A piece that came after so long, and was then read for so long. */
  const piece = async (waitMs: number, events: readonly ChatEvent[], readMs = 0) => {
    const coming = paced.reply.next()
    state.ms += waitMs
    state.events = events
    paced.decoder.push((await coming) ?? new Uint8Array())
    state.ms += readMs
  }
  return { state, paced, piece }
}

test('a provider that keeps the pace is left in peace, in pieces of any size', async () => {
  const { paced, piece } = stream()
  for (let second = 0; second < 30; second++) await piece(1_000, words(1))
  await piece(9_000, words(9))
  await piece(1_000, [{ type: 'text-delta', choice: 0, text: 'x'.repeat(400) }])
  await piece(9_999, [])
  assert.equal(paced.decoder.problem, undefined)
})

test('signs of life without content do not keep it alive', async () => {
  const { paced, piece } = stream()
  await piece(1_000, words(5))
  for (let second = 0; second < 8; second++) await piece(1_000, [])
  assert.ok(!paced.decoder.problem)
  await piece(1_000, words(1))
  const { problem } = paced.decoder as { readonly problem: Problem | undefined }
  const told = [[problem?.code, problem?.details.facts]]
  assert.deepEqual(told, [['provider_timeout', { phase: 'rate' }]])
})

test('a slow reader is no slow provider, and what is complete was quick enough', async () => {
  const slowReader = stream()
  for (let times = 0; times < 20; times++) await slowReader.piece(1, words(1), 60_000)
  assert.equal(slowReader.paced.decoder.problem, undefined)
  const complete = stream()
  complete.state.isComplete = true
  await complete.piece(20_000, words(1))
  assert.equal(complete.paced.decoder.problem, undefined)
})
