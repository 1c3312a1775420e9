import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { openGeminiStream } from '#services/llm-adapters/gemini/reply-stream.ts'
import { geminiContext } from '#services/llm-adapters/gemini/test-target.ts'

const encoder = new TextEncoder()
const callFrame = (functionCall: JsonValue) => {
  const candidates = [{ content: { role: 'model', parts: [{ functionCall }] } }]
  return encoder.encode(`data: ${JSON.stringify({ candidates })}\r\n\r\n`)
}

test('a stream that is cut inside a piece has said all the pieces before it', () => {
  const argument = { jsonPath: '$.city', stringValue: 'Boston', willContinue: true }
  const begun = callFrame({ name: 'weather', willContinue: true })
  const said = callFrame({ partialArgs: [argument], willContinue: true })
  for (const torn of ['', 'da', 'data: {"cand']) {
    const decoder = openGeminiStream(geminiContext())
    const events: ChatEvent[] = [begun, said, encoder.encode(torn)].flatMap((chunk) => decoder.push(chunk))
    events.push(...decoder.end())
    const text = events.flatMap((event) => (event.type === 'tool-call-delta' ? event.argumentsText : []))
    assert.match(text.join(''), /Boston/, `before ${JSON.stringify(torn)}`)
    assert.equal(decoder.problem?.code, 'stream_cut')
  }
})
