/**
 * A whole answer to a streamed question, and a stream to a whole one, as happens where answers are known already: what
 * was recorded one way is heard through every door the other way, with the same words.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { ChatEvent } from '#core/domain/answer.ts'
import type { Dialect } from '#core/domain/chat.ts'
import type { Asked, Reply } from '#core/gateway/asked.ts'
import { adapters } from '#tests/support/adapters.ts'
import { flowOf, openFakeDoor, receiptOf } from '#tests/support/fake-door.ts'
import type { FakeDoor } from '#tests/support/fake-door.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'
import { piecesOf, readRecording } from '#tests/support/recording-verdict.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { doorReaders } from './door-readers.ts'
import { differencesOf } from './replay-comparison.ts'
import type { Difference } from './replay-comparison.ts'
import { permitted, toldDifferently } from './told-differently.ts'
import type { ToldDifferently } from './told-differently.ts'

const recordings = readGoldenRecordings().filter(
  ({ expect }) => expect.outcome === 'ok' && expect.acceptAlso === undefined,
)
const byName = new Map(recordings.map((recording) => [recording.name, recording]))

let door: FakeDoor
before(async () => {
  door = await openFakeDoor((asked) => replyOf(byName.get(asked.modelAsked ?? ''), asked))
})
after(() => door.close())

/** The recorded answer, of the other kind than was asked for. */
function replyOf(recording: Recording | undefined, asked: Asked): Reply {
  assert.ok(recording)
  const { answer } = readRecording(recording, adapters.for(recording.dialect))
  assert.ok(answer)
  const receipt = receiptOf(asked, { usage: answer.usage })
  if (asked.question.isStreamed) return { kind: 'whole', answer, receipt }
  return { kind: 'stream', events: flowOf(batchesOf(recording)), receipt }
}

function batchesOf(recording: Recording): ReadonlyArray<readonly ChatEvent[]> {
  let minted = 0
  const decoder = adapters.for(recording.dialect).openStream({
    target: recordedTarget(recording),
    isNative: false,
    isUsageWanted: true,
    mintId: () => `minted-${(minted += 1)}`,
  })
  const pieces = piecesOf(replyBytes(recording.reply), [300]).map((piece) => decoder.push(piece))
  return [...pieces, decoder.end()].filter(({ length }) => length > 0)
}

const entriesUsed = new Set<ToldDifferently>()

function isPermitted(difference: Difference, recording: Recording, dialect: Dialect): boolean {
  const entry = permitted(difference, recording, dialect, 'words')
  if (entry) entriesUsed.add(entry)
  return entry !== undefined
}

for (const reader of doorReaders) {
  describe(`heard through ${reader.dialect}`, () => {
    for (const isStreamed of [true, false]) {
      const played = recordings.filter(({ reply }) => (reply.stream === undefined) === isStreamed)
      it(`${isStreamed ? 'a whole answer to a streamed question' : 'a stream to a whole question'} says the same`, async () => {
        const found: string[] = []
        for (const recording of played) {
          const heard = await reader.ask(door.url, { model: recording.name, isStreamed })
          const lines =
            heard.kind === 'failure'
              ? [`failure ${heard.status} ${heard.word}: ${heard.message}`]
              : differencesOf(recording, heard)
                  .filter((one) => !isPermitted(one, recording, reader.dialect))
                  .map(
                    ({ field, heard: said, expected }) =>
                      `${field}: ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`,
                  )
          if (lines.length > 0)
            found.push(recording.name, ...lines.map((line) => `    ${line.slice(0, 400)}`))
        }
        assert.equal(found.length, 0, `of ${played.length} recordings these differ\n${found.join('\n')}`)
      })
    }
  })
}

it('every entry of the table for answers in words was needed', () => {
  const unneeded = toldDifferently.filter((entry) => entry.heardIn === 'words' && !entriesUsed.has(entry))
  assert.deepEqual(
    unneeded.map(({ reason }) => reason),
    [],
  )
})
