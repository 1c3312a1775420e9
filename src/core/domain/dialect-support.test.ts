/** Facts about the one table of what each dialect can be asked. */
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  featureTable,
  paramFor,
  namesOfPassedOver,
  passedOverBy,
  refusedBy,
  supportFor,
  wordsFor,
} from '#core/domain/dialect-support.ts'
import { allFeatures, commonFeatures, featureSet } from '#core/domain/feature.ts'
import type { Feature } from '#core/domain/feature.ts'
import type { Ability } from '#core/domain/model-card.ts'
import { dialects } from '#tests/support/adapters.ts'
import { targetFor } from '#tests/support/adapter-writing.ts'

const all = featureSet(allFeatures)

test('every feature has an outcome at every dialect, and what is passed over says where that is documented', () => {
  for (const feature of allFeatures) {
    const { words, targets } = featureTable[feature]
    assert.ok(words.length > 3, feature)
    assert.deepEqual(Object.keys(targets).sort(), [...dialects].sort())
    for (const support of Object.values(targets)) {
      if (support.outcome === 'passed-over')
        assert.ok(support.named !== '' && support.source.length > 20, feature)
    }
  }
})

test('there is a dialect for every feature', () => {
  const nowhere = allFeatures.filter((feature) =>
    Object.values(featureTable[feature].targets).every(({ outcome }) => outcome === 'refused'),
  )
  assert.deepEqual(nowhere, [])
})

test('a question in its own dialect is refused only what the model itself cannot', () => {
  const native = (feature: Feature, without: readonly Ability[]) =>
    commonFeatures(refusedBy(targetFor('anthropic-messages', { without }), true), featureSet([feature]))
      .length > 0
  assert.ok(!native('temperature', []))
  assert.ok(native('temperature', ['temperature']))
  assert.ok(!native('temperature_with_top_p', []))
})

test('a model and a provider may differ from their dialect', () => {
  const can = (target: ReturnType<typeof targetFor>, feature: Feature) => supportFor(target, feature).outcome
  assert.equal(can(targetFor('openai-chat'), 'top_k'), 'refused')
  assert.equal(can(targetFor('openai-chat', { quirks: ['takes_top_k'] }), 'top_k'), 'done')
  assert.equal(can(targetFor('gemini-generate'), 'json_beside_tools'), 'refused')
  assert.equal(
    can(targetFor('gemini-generate', { modelQuirks: ['thinking_level'] }), 'json_beside_tools'),
    'done',
  )
  assert.equal(can(targetFor('openai-chat', { without: ['reasoning'] }), 'reasoning_effort'), 'refused')
})

test('what is passed over is named once, in words of the called APIs', () => {
  const namesAt = (target: ReturnType<typeof targetFor>, used = all, isNative = false) =>
    namesOfPassedOver(target, passedOverBy(target, isNative), used)
  const names = namesAt(targetFor('anthropic-messages'))
  assert.equal(new Set(names).size, names.length)
  assert.ok(names.includes('seed'))
  assert.deepEqual(namesAt(targetFor('openai-chat'), featureSet(['seed', 'temperature'])), [])
  const native = namesAt(targetFor('openai-chat', { quirks: ['no_end_user'] }), all, true)
  assert.deepEqual(native, ['messages.reasoning', 'messages.provider_items', 'cache_control', 'user'])
})

test('an error names the field of the API that was called, where that has one', () => {
  assert.equal(paramFor(['stop'], 'anthropic-messages'), 'stop_sequences')
  assert.equal(paramFor(['seed', 'stop'], 'openai-responses'), undefined)
  assert.equal(paramFor(['stop'], undefined), undefined)
  assert.equal(wordsFor(['stop', 'seed']), 'stop sequences, a seed')
})
