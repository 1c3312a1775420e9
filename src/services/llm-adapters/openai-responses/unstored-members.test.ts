/** A caller's own response request is not stored at the provider unless the caller says so. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { openAiResponses } from '#services/llm-adapters/openai-responses/openai-responses.ts'
import { encodeWith, nativeOf, sentBody } from '#tests/support/adapter-writing.ts'
import type { Circumstances } from '#tests/support/adapter-writing.ts'

const sent = (body: { readonly [name: string]: string | boolean | null | string[] }, how?: Circumstances) =>
  sentBody(
    encodeWith(openAiResponses, { native: nativeOf('openai-responses', { model: 'm', ...body }) }, how),
  )

test('who says nothing about storing is not stored, and gets thinking that can be sent back', () => {
  for (const body of [{}, { store: null }]) {
    const { store, include } = sent(body)
    assert.equal(store, false)
    assert.deepEqual(include, ['reasoning.encrypted_content'])
  }
})

test('what was asked to be included stays, and nothing is included twice', () => {
  const wanted = ['message.output_text.logprobs', 'reasoning.encrypted_content']
  assert.deepEqual(sent({ include: wanted })['include'], wanted)
  assert.deepEqual(sent({ include: wanted.slice(0, 1) })['include'], wanted)
})

test('a model that does not think is not asked for its thinking', () => {
  assert.equal(sent({}, { without: ['reasoning'] })['include'], undefined)
})

test('who says whether to store is obeyed, and nothing else is changed', () => {
  for (const store of [true, false]) {
    const body = sent({ store })
    assert.equal(body['store'], store)
    assert.equal(body['include'], undefined)
  }
})
