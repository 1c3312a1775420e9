/** Facts about which dialect a question is asked in. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { spokenTarget } from '#core/domain/spoken-dialect.ts'
import { nativeOf, targetFor } from '#tests/support/adapter-writing.ts'

const plain: ChatQuestion = { messages: [], isStreamed: false }
const withTools: ChatQuestion = { ...plain, tools: [{ kind: 'function', name: 'f' }] }
const openAi = (...modelQuirks: readonly string[]) =>
  targetFor('openai-chat', { quirks: ['speaks_responses'], modelQuirks })
const asked = (question: ChatQuestion) => ({
  features: featuresOf(question),
  nativeDialect: question.native?.dialect,
})
const dialectOf = (target: ReturnType<typeof openAi>, question: ChatQuestion) =>
  spokenTarget(target, asked(question)).provider.dialect

test('a model that takes tools only on Responses is asked there when there are tools', () => {
  const target = openAi('responses_for_tools')
  assert.equal(dialectOf(target, withTools), 'openai-responses')
  assert.equal(dialectOf(target, plain), 'openai-chat')
  assert.equal(dialectOf(target, { ...withTools, reasoning: { effort: 'none' } }), 'openai-chat')
})

test('a model that is only on Responses is always asked there', () => {
  assert.equal(dialectOf(openAi('responses_only'), plain), 'openai-responses')
})

test('a model that is only on chat completions is asked there, whatever the caller speaks', () => {
  const native = nativeOf('openai-responses', { model: 'm' })
  assert.equal(dialectOf(openAi('chat_only'), { ...plain, native }), 'openai-chat')
})

test('a caller of Responses is passed through where the provider speaks it', () => {
  const native = nativeOf('openai-responses', { model: 'm' })
  assert.equal(dialectOf(openAi(), { ...plain, native }), 'openai-responses')
  assert.equal(dialectOf(targetFor('openai-chat'), { ...plain, native }), 'openai-chat')
})

test('the same target stays the same object, so that what is held for it is found again', () => {
  const target = openAi('responses_only')
  assert.equal(
    spokenTarget(target, asked(plain)),
    spokenTarget(target, asked({ ...plain, isStreamed: true })),
  )
  const other = openAi()
  assert.equal(spokenTarget(other, asked(withTools)), other)
})

test('of two dialects the one is spoken that can say everything', () => {
  const dual = openAi('responses_for_tools')
  const link: ChatQuestion = {
    ...plain,
    messages: [
      {
        role: 'user',
        parts: [{ type: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } }],
      },
    ],
  }
  assert.equal(dialectOf(dual, { ...plain, stopSequences: ['END'] }), 'openai-chat')
  assert.equal(dialectOf(dual, link), 'openai-responses')
  const native = nativeOf('openai-chat', { model: 'm' })
  assert.equal(dialectOf(dual, { ...plain, native, stopSequences: ['END'] }), 'openai-chat')
  assert.equal(dialectOf(dual, { ...withTools, native }), 'openai-responses')
})
