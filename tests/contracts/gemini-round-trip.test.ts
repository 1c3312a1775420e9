/** What Gemini said goes back to it as it said it: every part in place, every signature on the part that bore it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { asArray, asObject, parseJson } from '../../src/core/domain/json.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import { adapters } from '../support/adapters.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import { recordedTarget } from '../support/recorded-target.ts'
import { readRecording } from '../support/recording-verdict.ts'
import { objectOf } from '../support/recording.ts'
import { readRecordingsDirectory } from '../support/recordings-directory.ts'

const recordingsDirectory = process.env['RECORDINGS_DIR']
const recordings =
  recordingsDirectory === undefined
    ? readGoldenRecordings('gemini-generate')
    : readRecordingsDirectory(recordingsDirectory)
const answered = recordings.filter(
  ({ dialect, expect, reply }) =>
    dialect === 'gemini-generate' && expect.outcome === 'ok' && reply.stream === undefined,
)
const adapter = adapters.for('gemini-generate')

/** Shown thoughts and empty texts that bear no signature need not return; arguments are always an object. */
function partsToReturn(body: JsonValue | undefined): readonly JsonObject[] {
  const candidate = objectOf(asArray(objectOf(body)['candidates'])[0])
  const parts = asArray(objectOf(candidate['content'])['parts']).map(objectOf)
  return parts
    .filter(
      (part) => part['thoughtSignature'] !== undefined || (part['thought'] !== true && part['text'] !== ''),
    )
    .map((part) => {
      const call = asObject(part['functionCall'])
      return call ? { ...part, functionCall: { ...call, args: call['args'] ?? {} } } : part
    })
}

describe("Gemini's own words", () => {
  it('have been recorded with signatures on texts, on calls and on tools', () => {
    const signed = answered
      .flatMap(({ reply }) => partsToReturn(reply.body))
      .filter((part) => part['thoughtSignature'])
    for (const kind of ['text', 'functionCall'])
      assert.ok(
        signed.some((part) => part[kind] !== undefined),
        kind,
      )
  })

  for (const recording of answered) {
    it(`return whole and in place: ${recording.name}`, () => {
      const parts = readRecording(recording, adapter).answer?.choices[0]?.parts ?? []
      const messages = [
        { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
        { role: 'assistant', parts },
      ] as const
      const { body } = adapter.encode({ messages, isStreamed: false }, recordedTarget(recording), {
        maxOutputTokens: 100,
        requestId: 'request-1',
      })
      const contents = asArray(objectOf(parseJson(Buffer.from(body).toString()))['contents'])
      assert.deepEqual(asArray(objectOf(contents[1])['parts']), partsToReturn(recording.reply.body))
    })
  }
})
