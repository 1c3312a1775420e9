/**
 * A stream that passes in its own dialect is the same whether its frames pass unread or are read one by one: the same
 * bytes, the same count of pieces, the same words for the books. Fed byte by byte, no frame is ever whole in a chunk,
 * so that all of them are read; that reading is what every other is compared with.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { readRecordingsDirectory } from '#tests/support/recordings-directory.ts'

interface Passed {
  readonly bytes: Buffer
  readonly deltas: number
  /** Everything but the bytes, in order, with the last word on usage. */
  readonly words: readonly ChatEvent[]
  readonly isComplete: boolean
  readonly problem: string | undefined
}

function passThrough(recording: Recording, adapter: LlmAdapter, pieces: readonly Uint8Array[]): Passed {
  const decoder = adapter.openStream({
    target: recordedTarget(recording),
    isNative: true,
    isUsageWanted: false,
    mintId: () => 'minted',
  })
  const events: ChatEvent[] = []
  for (const piece of pieces) events.push(...decoder.push(piece))
  events.push(...decoder.end())
  const natives = events.filter((event) => event.type === 'native')
  return {
    bytes: Buffer.concat(natives.map(({ bytes }) => bytes)),
    deltas: natives.reduce((sum, { deltas }) => sum + deltas, 0),
    words: withoutEarlierUsage(events.filter(({ type }) => type !== 'native')),
    isComplete: decoder.isComplete,
    problem: decoder.problem?.code,
  }
}

/** Usage is cumulative: of what was counted in between, nothing is left at the end. */
function withoutEarlierUsage(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const last = events.findLastIndex(({ type }) => type === 'usage')
  return events.filter(({ type }, place) => type !== 'usage' || place === last)
}

/** Every place near a line's end, where the readings part, and a spread of others. */
function cutsOf(bytes: Uint8Array): readonly number[] {
  const cuts = new Set<number>()
  for (let at = 0; at < bytes.length; at += 1) {
    const isLineEnd = bytes[at] === 0x0a || bytes[at] === 0x0d
    if (isLineEnd) for (const cut of [at - 1, at, at + 1, at + 2]) cuts.add(cut)
    if (at % 61 === 0) cuts.add(at)
  }
  return [...cuts].filter((cut) => cut > 0 && cut < bytes.length)
}

const directory = process.env['RECORDINGS_DIR']
const all = directory === undefined ? readGoldenRecordings() : readRecordingsDirectory(directory)

for (const dialect of dialects) {
  describe(`a ${dialect} stream for a caller of the same dialect`, () => {
    const adapter = adapters.for(dialect)
    const streams = all.filter(({ dialect: its, reply }) => its === dialect && reply.stream !== undefined)

    it('has recordings', () => assert.ok(streams.length > 0))

    for (const recording of streams.filter(({ expect }) => expect.outcome === 'ok')) {
      it(`ends with a whole frame, however it breaks off: ${recording.name}`, () => {
        const bytes = replyBytes(recording.reply)
        for (const cut of cutsOf(bytes)) {
          const passed = passThrough(recording, adapter, [bytes.subarray(0, cut)])
          if (passed.isComplete) continue
          const text = passed.bytes.toString()
          assert.match(text, /^$|(?:\n\n|\r\n\r\n?)$/, `cut at ${cut}: ${text.slice(-100)}`)
        }
      })
    }

    for (const recording of streams) {
      it(`is the same wherever it is cut: ${recording.name}`, () => {
        const bytes = replyBytes(recording.reply)
        const read = passThrough(recording, adapter, piecesOf(bytes, [1]))
        assert.deepEqual(passThrough(recording, adapter, [bytes]), read)
        for (const cut of cutsOf(bytes)) {
          const passed = passThrough(recording, adapter, [bytes.subarray(0, cut), bytes.subarray(cut)])
          assert.deepEqual(passed, read, `cut at ${cut}`)
        }
        for (const size of [2, 97, 1_000, 16_384]) {
          assert.deepEqual(passThrough(recording, adapter, piecesOf(bytes, [size])), read, `by ${size}`)
        }
      })
    }
  })
}
