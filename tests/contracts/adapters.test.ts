/**
 * Every adapter reads what its providers really sent, whole and in whatever pieces, and makes the expected words of it.
 * With RECORDINGS_DIR set, the same comparison also runs over every recording of that directory.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import type { Dialect } from '../../src/core/domain/chat.ts'
import type { LlmAdapter } from '../../src/services/llm-adapters/adapter.ts'
import { adapters, dialects } from '../support/adapters.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import { recordedTarget } from '../support/recorded-target.ts'
import type { Outcome } from '../support/recording-verdict.ts'
import { disagreements, readRecording } from '../support/recording-verdict.ts'
import type { Recording } from '../support/recording.ts'
import { replyBytes } from '../support/recording.ts'
import { readRecordingsDirectory } from '../support/recordings-directory.ts'

const recordingsDirectory = process.env['RECORDINGS_DIR']
const allRecordings = recordingsDirectory === undefined ? [] : readRecordingsDirectory(recordingsDirectory)

for (const dialect of dialects) {
  describe(`the ${dialect} adapter`, () => {
    const adapter = adapters.for(dialect)
    const golden = readGoldenRecordings(dialect)
    const streams = golden.filter((recording) => recording.reply.stream !== undefined)
    const good = streams.filter(
      (recording) => recording.expect.outcome === 'ok' && !recording.expect.acceptAlso,
    )

    it('names its dialect, and there are recordings of it', () => {
      assert.equal(adapter.dialect, dialect)
      assert.ok(golden.length >= 10, `${golden.length} recordings`)
      assert.ok(streams.length >= 2, `${streams.length} streams`)
    })

    for (const recording of golden) {
      it(`reads ${recording.name}`, () => assertAgrees(recording, adapter, []))
    }

    for (const recording of streams) {
      it(`reads ${recording.name} byte by byte and in pieces of seven`, () => {
        assertAgrees(recording, adapter, [1])
        assertAgrees(recording, adapter, [7])
      })
    }

    it('reads every stream the same wherever it is cut', () => {
      const pieces = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 40 })
      fc.assert(
        fc.property(fc.constantFrom(...streams), pieces, (recording, sizes) =>
          assertAgrees(recording, adapter, sizes),
        ),
        { numRuns: 60 },
      )
    })

    for (const recording of good) {
      if (hasOwnForms(recording)) {
        it(`tells ${recording.name} in words, in whatever dialect the caller asks`, () =>
          assertToldInWords(recording, adapter))
      } else {
        it(`hands ${recording.name} on byte for byte and still meters it`, () =>
          assertHandedOn(recording, adapter))
      }
      it(`never takes a broken off ${recording.name} for a whole answer`, () =>
        assertBrokenOffIsSeen(recording, adapter))
    }

    it('answers bytes that are nothing it knows with a problem, never with an exception of another kind', () => {
      const context = {
        target: recordedTarget({ dialect }),
        isNative: false,
        isUsageWanted: true,
        mintId: () => 'x',
      }
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 400, max: 599 }), (body, status) => {
          const problem = adapter.explain({ status, headers: {}, body }, context.target)
          assert.ok(problem.code.length > 0)
          const decoder = adapter.openStream(context)
          decoder.push(body)
          decoder.end()
          assert.equal(decoder.isComplete, false)
          assert.ok(decoder.problem)
        }),
      )
    })

    if (recordingsDirectory !== undefined) {
      it('reads every recording of RECORDINGS_DIR', () => assertAllAgree(dialect, adapter))
    }
  })
}

function assertAgrees(recording: Recording, adapter: LlmAdapter, chunkSizes: readonly number[]): void {
  assert.deepEqual(disagreements(recording, readRecording(recording, adapter, { chunkSizes })), [])
}

/** What comes after the ending that the dialect knows need not be handed on: blank lines, a foreign closing mark. */
function assertHandedOn(recording: Recording, adapter: LlmAdapter): void {
  const plain = readRecording(recording, adapter)
  const native = readRecording(recording, adapter, { isNative: true, chunkSizes: [97] })
  const sent = Buffer.from(replyBytes(recording.reply))
  const handedOn = Buffer.from(native.nativeBytes ?? [])
  assert.ok(sent.subarray(0, handedOn.length).equals(handedOn), 'the bytes differ')
  const rest = sent.subarray(handedOn.length).toString().replaceAll(/\s/g, '')
  assert.ok(rest === '' || rest === 'data:[DONE]', `not handed on: ${rest}`)
  assert.equal(native.problem, undefined)
  assert.deepEqual(native.answer?.usage, plain.answer?.usage)
  const finishes = (outcome: Outcome) => outcome.answer?.choices.map((choice) => choice.finish.unified)
  assert.deepEqual(finishes(native), finishes(plain))
}

function hasOwnForms({ dialect, provider }: Recording): boolean {
  return recordedTarget({ dialect, provider }).provider.quirks.has('own_answer_forms')
}

function assertToldInWords(recording: Recording, adapter: LlmAdapter): void {
  const native = readRecording(recording, adapter, { isNative: true, chunkSizes: [97] })
  assert.equal(native.nativeBytes?.length, 0)
  assert.deepEqual(native.answer, readRecording(recording, adapter).answer)
}

function assertBrokenOffIsSeen(recording: Recording, adapter: LlmAdapter): void {
  const stream = recording.reply.stream ?? ''
  // A third of the way in, no dialect has said yet that the answer is whole.
  const broken: Recording = {
    ...recording,
    reply: { ...recording.reply, stream: stream.slice(0, stream.length / 3) },
  }
  const { problem } = readRecording(broken, adapter)
  assert.ok(problem, 'no problem')
  assert.ok(problem.code === 'stream_cut' || problem.code === 'provider_malformed', problem.code)
}

function assertAllAgree(dialect: Dialect, adapter: LlmAdapter): void {
  const failures: Record<string, readonly string[]> = {}
  for (const recording of allRecordings.filter((one) => one.dialect === dialect)) {
    for (const chunkSizes of [[], [7]]) {
      const found = disagreements(recording, readRecording(recording, adapter, { chunkSizes }))
      if (found.length > 0) failures[recording.name] = found
    }
  }
  assert.deepEqual(failures, {})
}
