/** Facts about which dialect a question is asked in. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { spokenTarget } from '#core/domain/spoken-dialect.ts'
import { nativeOf, targetFor } from '#tests/support/adapter-writing.ts'

const plain: ChatQuestion = { messages: [], isStreamed: false }
const withTools: ChatQuestion = { ...plain, tools: [{ kind: 'function', name: 'f' }] }
const openAi = (...modelQuirks: readonly string[]) =>
  targetFor('openai-chat', { quirks: ['speaks_responses'], modelQuirks })
const dialectOf = (target: ReturnType<typeof openAi>, question: ChatQuestion) =>
  spokenTarget(target, question).provider.dialect

test('a model that takes tools only on Responses is asked there when there are tools', () => {
  const target = openAi('responses_for_tools')
  assert.equal(dialectOf(target, withTools), 'openai-responses')
  assert.equal(dialectOf(target, plain), 'openai-chat')
  assert.equal(dialectOf(target, { ...withTools, reasoning: { effort: 'none' } }), 'openai-chat')
})

test('a model that is only on Responses is always asked there', () => {
  assert.equal(dialectOf(openAi('responses_only'), plain), 'openai-responses')
})

test('a caller of Responses is passed through where the provider speaks it', () => {
  const native = nativeOf('openai-responses', { model: 'm' })
  assert.equal(dialectOf(openAi(), { ...plain, native }), 'openai-responses')
  assert.equal(dialectOf(targetFor('openai-chat'), { ...plain, native }), 'openai-chat')
})

test('the same target stays the same object, so that what is held for it is found again', () => {
  const target = openAi('responses_only')
  assert.equal(spokenTarget(target, plain), spokenTarget(target, withTools))
  const other = openAi()
  assert.equal(spokenTarget(other, withTools), other)
})
