// The fuzzer finds what it is made for, says how to see it again, and makes the input small.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { parseJson } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { mutateBytes } from './byte-mutations.ts'
import { createChance } from './chance.ts'
import { mutateStream } from './frame-mutations.ts'
import { fuzz, inputOf } from './fuzz-run.ts'
import { attempt, soundProblem } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'
import { mutateJsonText } from './json-mutations.ts'

const careless: FuzzSubject = {
  name: 'a careless reader',
  inputs: [Buffer.from('one\ntwo\nthree\nfour\nfive\nsix\nseven\n')],
  mutate: mutateBytes,
  run(input) {
    if (input.includes(0)) attempt(() => (undefined as unknown as { a: string }).a)
    return 'read'
  },
}

describe('the fuzzer', () => {
  it('finds an exception that is no Problem, and the byte that causes it', () => {
    const { finding } = fuzz(careless, { seed: 'seed', runs: 2_000 })
    assert.ok(finding)
    assert.match(finding.sentence, /no Problem: TypeError/)
    assert.deepEqual([...finding.input], [0])
  })

  it('finds the same again from the seed and the number of the run', () => {
    const { finding } = fuzz(careless, { seed: 'seed', runs: 2_000 })
    const again = fuzz(careless, { seed: 'seed', from: finding?.run ?? 0, runs: 1 })
    assert.equal(again.finding?.run, finding?.run)
    assert.deepEqual(again.finding?.input, finding?.input)
    assert.deepEqual(inputOf(careless, 'seed', 7), inputOf(careless, 'seed', 7))
  })

  it('counts what came of every run', () => {
    const sound: FuzzSubject = { ...careless, run: (input) => (input.length > 20 ? 'long' : 'short') }
    const { outcomes, finding } = fuzz(sound, { seed: 'seed', runs: 300 })
    assert.equal(finding, undefined)
    assert.equal((outcomes.get('long') ?? 0) + (outcomes.get('short') ?? 0), 300)
  })

  it('takes a Problem of the catalogue for sound, and an internal one for a fault', () => {
    assert.equal(soundProblem(new Problem('stream_cut')).code, 'stream_cut')
    assert.throws(
      () => soundProblem(new Problem('internal_error', { cause: new TypeError('x') })),
      /TypeError: x/,
    )
    assert.throws(() => soundProblem(new Error('y')), /no Problem/)
    assert.throws(() => soundProblem(new Problem('provider_error', { retryAfterMs: Number.NaN })), /NaN ms/)
  })
})

describe('mutations', () => {
  it('of the same seed are the same, and of others are others', () => {
    const text = JSON.stringify({ a: [1, { b: 'c' }], d: null })
    const of = (seed: string) => mutateJsonText(text, createChance(seed))
    assert.equal(of('a'), of('a'))
    assert.ok(new Set(Array.from({ length: 50 }, (_, at) => of(String(at)))).size > 20)
  })

  it('of JSON stay JSON, and make prototype names, null members, deep nesting and huge numbers', () => {
    const text = JSON.stringify({ a: [1, { b: 'c' }], d: 'e' })
    const made = Array.from(
      { length: 3_000 },
      (_, at) => mutateJsonText(text, createChance(String(at))) ?? '',
    )
    // A mark for raw text that a later change cuts in two is written as it stands.
    const broken = made.filter(
      (one) => parseJson(one) === undefined && !one.includes('[[[[') && !one.includes('{"a":{'),
    )
    assert.ok(broken.length < made.length / 50, `${broken.length} are no JSON`)
    for (const wanted of ['"__proto__"', '"constructor"', 'null', '[[[[[[', '1e400', '\\ud800']) {
      assert.ok(
        made.some((one) => one.includes(wanted)),
        wanted,
      )
    }
  })

  it('of streams lose, double and move frames, change their ends and spoil what is in them', () => {
    const frames = ['data: {"a":1}\n\n', 'data: {"b":2}\n\n', 'data: [DONE]\n\n']
    const made = Array.from({ length: 3_000 }, (_, at) =>
      mutateStream(Buffer.from(frames.join('')), createChance(String(at))).toString(),
    )
    const [one = '', two = '', done = ''] = frames
    for (const wanted of [one + done, one + two + two + done, two + one + done, done + one]) {
      assert.ok(made.includes(wanted), JSON.stringify(wanted))
    }
    assert.ok(made.some((text) => text.includes('\r\n\r\n')))
    assert.ok(made.some((text) => text.endsWith('data: [DONE]')))
  })
})
