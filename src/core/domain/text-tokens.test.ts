import assert from 'node:assert/strict'
import { test } from 'node:test'
import { likelyTokens, mostTokens, textLengthOf } from '#core/domain/text-tokens.ts'

test('Latin text is four characters to a token, and two at least', () => {
  const length = textLengthOf('x'.repeat(400))
  assert.deepEqual([likelyTokens(length), mostTokens(length)], [100, 200])
})

test('letters of other scripts and pictures count by themselves, and never more than their bytes', () => {
  for (const text of ['漢字かな交じり文', 'Привет, мир', 'မြန်မာစာ', '🙂🙃🎉', 'naïve']) {
    const length = textLengthOf(text)
    assert.ok(mostTokens(length) >= likelyTokens(length))
    assert.ok(mostTokens(length) <= new TextEncoder().encode(text).length, text)
  }
  assert.equal(mostTokens(textLengthOf('漢字')), 4)
  assert.equal(mostTokens(textLengthOf('🙂')), 4)
  assert.equal(likelyTokens(textLengthOf('漢字')), 2)
})
