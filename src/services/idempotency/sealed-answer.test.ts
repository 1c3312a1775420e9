import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAnswerSeal } from '#services/idempotency/sealed-answer.ts'

const answer = {
  kind: 'stream',
  events: [{ type: 'native', bytes: Uint8Array.of(1, 2, 255) }],
  absent: undefined,
}

test('what was sealed is what is opened, bytes included, and shows nothing of it', () => {
  const seal = createAnswerSeal(Buffer.from('secret'))
  const sealed = seal.seal('acme/key', { ...answer, text: 'the words of the answer' })
  const opened = seal.open('acme/key', sealed) as typeof answer
  assert.deepEqual([...(opened.events[0]?.bytes ?? [])], [1, 2, 255])
  assert.ok(!Buffer.from(sealed, 'base64').includes('words of the answer'))
  assert.notEqual(sealed, seal.seal('acme/key', { ...answer, text: 'the words of the answer' }))
})

test('nothing is opened under another name, with another secret, or when a bit is changed', () => {
  const seal = createAnswerSeal(Buffer.from('secret'))
  const sealed = seal.seal('acme/key', answer)
  assert.equal(seal.open('beta/key', sealed), undefined)
  assert.equal(createAnswerSeal(Buffer.from('another')).open('acme/key', sealed), undefined)
  const bytes = Buffer.from(sealed, 'base64')
  for (const at of [0, 12, 28, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(seal.open('acme/key', changed.toString('base64')), undefined)
  }
  assert.equal(seal.open('acme/key', ''), undefined)
})
