/** Facts about which features a question uses. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChatQuestion } from '#core/domain/chat.ts'
import {
  allFeatures,
  commonFeatures,
  featureSet,
  hasFeature,
  haveCommon,
  noFeatures,
} from '#core/domain/feature.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { questions } from '#tests/support/questions.ts'

const hello: ChatQuestion = {
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  isStreamed: false,
}
const used = (changes: Partial<ChatQuestion>) => commonFeatures(featuresOf({ ...hello, ...changes }), all)
const all = featureSet(allFeatures)

test('a plain question uses nothing', () => {
  assert.deepEqual(used({}), [])
  assert.ok(!haveCommon(featuresOf(hello), all))
})

test('every feature has a bit of its own', () => {
  for (const feature of allFeatures) {
    const alone = featureSet([feature])
    assert.deepEqual(commonFeatures(alone, all), [feature])
    assert.ok(hasFeature(alone, feature) && !hasFeature(noFeatures, feature))
  }
})

test('values that change nothing are no wish', () => {
  assert.deepEqual(
    used({ temperature: 1, topP: 1, frequencyPenalty: 0, presencePenalty: 0, answerCount: 1 }),
    [],
  )
  assert.deepEqual(used({ temperature: 0 }), ['temperature'])
  assert.deepEqual(used({ presencePenalty: -0.5 }), ['presence_penalty', 'penalties_outside_unit'])
  assert.deepEqual(used({ temperature: 1.5, topP: 0.9 }), [
    'temperature',
    'high_temperature',
    'top_p',
    'temperature_with_top_p',
  ])
})

test('one call at a time is a wish only where a tool may be called', () => {
  const tools = [{ kind: 'function', name: 'f' }] as const
  const reasoning = { effort: 'none' } as const
  const serial = { isParallelToolUseAllowed: false, reasoning }
  assert.deepEqual(used(serial), ['reasoning_off'])
  assert.ok(used({ ...serial, tools }).includes('one_call_at_a_time'))
  assert.ok(!used({ ...serial, tools, toolChoice: { mode: 'none' } }).includes('one_call_at_a_time'))
})

test('one call of the one tool that must be called is a smaller wish than one call among several', () => {
  const serial = { isParallelToolUseAllowed: false, reasoning: { effort: 'none' } } as const
  const [f, g] = [
    { kind: 'function', name: 'f' },
    { kind: 'function', name: 'g' },
  ] as const
  const wishes = (tools: readonly (typeof f | typeof g)[], toolChoice: ChatQuestion['toolChoice']) =>
    used({ ...serial, tools, toolChoice }).filter((feature) => feature.startsWith('one_call_'))
  assert.deepEqual(wishes([f, g], { mode: 'named', name: 'f' }), ['one_call_of_a_forced_tool'])
  assert.deepEqual(wishes([f], { mode: 'required' }), ['one_call_of_a_forced_tool'])
  assert.deepEqual(wishes([f, g], { mode: 'required' }), ['one_call_at_a_time'])
  assert.deepEqual(wishes([f], { mode: 'auto' }), ['one_call_at_a_time'])
})

test('thinking is known by the origin of its token, on whatever part it stands', () => {
  const answer = (carry: object, type = 'reasoning') =>
    used({
      messages: [
        { role: 'assistant', parts: [{ type, text: 'a', carry: [carry] } as never] },
        ...hello.messages,
      ],
    })
  assert.deepEqual(answer({ origin: 'anthropic-messages', kind: 'signature', value: 's' }), [
    'earlier_turns',
    'thinking_of_anthropic',
  ])
  assert.deepEqual(answer({ origin: 'gemini-generate', kind: 'thought_signature', value: 's' }, 'text'), [
    'earlier_turns',
    'thinking_of_gemini',
  ])
  assert.deepEqual(answer({ origin: 'openai-chat', kind: 'reasoning_content', value: 's' }), [
    'earlier_turns',
    'thinking_without_token',
  ])
})

test('whatever a question of the tests asks for is seen, but for plain words', () => {
  const unseen = questions
    .filter(({ question }) => !haveCommon(featuresOf(question), all))
    .map(({ name }) => name)
  assert.deepEqual(unseen, [
    'text',
    'several turns of one speaker',
    'an empty part beside text',
    'plain text by name',
    'one answer by number',
  ])
})
