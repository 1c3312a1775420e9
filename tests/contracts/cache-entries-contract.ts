/** What every store of known answers must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '#core/domain/clock.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Entries } from '#services/response-cache/entries.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'

export interface EntriesLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

const known = (text: string): KnownAnswer => ({
  target: { provider: 'openai', model: 'gpt-4o' },
  isSimulated: false,
  usage: unknownUsage,
  events: undefined,
  answer: {
    id: text,
    model: 'gpt-4o',
    usage: unknownUsage,
    choices: [{ index: 0, parts: [{ type: 'text', text }], finish: { unified: 'stop', raw: 'stop' } }],
  },
})

export function entriesContract(
  store: string,
  open: (limits: EntriesLimits, clock: Clock) => Entries | Promise<Entries>,
): void {
  const entriesTest = (
    name: string,
    limits: EntriesLimits,
    body: (entries: Entries, time: { ms: number }) => Promise<void>,
  ) => {
    test(`${store} entries: ${name}`, async () => {
      const time = { ms: 0 }
      const clock = { nowMs: () => 1_000_000 + time.ms, monotonicMs: () => time.ms }
      await body(await open(limits, clock), time)
    })
  }
  const roomy = { entriesMax: 100, bytesMax: 1_000_000 }
  const hour = { ttlMs: 3_600_000, bytes: 100 }
  const textAt = async (entries: Entries, key: string) => (await entries.get(key))?.answer?.id

  entriesTest(
    'an answer is given back as it was kept, a replaced one as it is now',
    roomy,
    async (entries) => {
      assert.equal(await entries.get('a'), undefined)
      await entries.put('a', known('first'), hour)
      assert.deepEqual(await entries.get('a'), known('first'))
      await entries.put('a', known('second'), hour)
      assert.equal(await textAt(entries, 'a'), 'second')
      assert.equal(entries.size(), 1)
    },
  )

  entriesTest('an answer lives exactly as long as it was given', roomy, async (entries, time) => {
    await entries.put('short', known('short'), { ttlMs: 1_000, bytes: 10 })
    await entries.put('long', known('long'), { ttlMs: 2_000, bytes: 10 })
    time.ms = 1_000
    assert.equal(await textAt(entries, 'short'), 'short')
    time.ms = 1_001
    assert.equal(await entries.get('short'), undefined)
    assert.equal(await textAt(entries, 'long'), 'long')
    time.ms = 2_001
    assert.equal(await entries.get('long'), undefined)
  })

  entriesTest(
    'past the number of entries, the longest unused goes',
    { ...roomy, entriesMax: 3 },
    async (entries) => {
      for (const key of ['a', 'b', 'c']) await entries.put(key, known(key), hour)
      await entries.get('a')
      await entries.put('d', known('d'), hour)
      assert.equal(await entries.get('b'), undefined)
      for (const key of ['a', 'c', 'd']) assert.equal(await textAt(entries, key), key)
      assert.equal(entries.size(), 3)
    },
  )

  entriesTest('past the bytes, old answers make room', { ...roomy, bytesMax: 250 }, async (entries) => {
    for (const key of ['a', 'b', 'c']) await entries.put(key, known(key), hour)
    assert.equal(await entries.get('a'), undefined)
    assert.equal(await textAt(entries, 'c'), 'c')
  })

  entriesTest(
    'an answer larger than everything is not kept and drives nothing out',
    { ...roomy, bytesMax: 250 },
    async (entries) => {
      await entries.put('a', known('a'), hour)
      await entries.put('huge', known('huge'), { ...hour, bytes: 251 })
      assert.equal(await entries.get('huge'), undefined)
      assert.equal(await textAt(entries, 'a'), 'a')
    },
  )

  entriesTest('a deleted answer is gone, and deleting nothing does nothing', roomy, async (entries) => {
    await entries.put('a', known('a'), hour)
    await entries.delete('a')
    await entries.delete('never')
    assert.equal(await entries.get('a'), undefined)
    assert.equal(entries.size(), 0)
  })
}
