import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonValue } from '#core/domain/json.ts'
import { plainRepliesOf } from '#services/llm-adapters/gemini/plain-frames.ts'

const usage = { promptTokenCount: 1, totalTokenCount: 3, promptTokensDetails: [{ modality: 'TEXT' }] }
const reply = (parts: JsonValue, more: object = {}, usageMetadata: JsonValue = usage) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  usageMetadata,
})
const frame = (value: unknown, ending = '\r\n\r\n') => `data: ${JSON.stringify(value)}${ending}`
const plain = frame(reply([{ text: 'a' }]))
const counted = (stream: string) => plainRepliesOf(Buffer.from(stream))

describe('frames of mere text', () => {
  it('pass as a run, with the last usage among them', () => {
    const last = frame(reply([{ text: 'b', thought: true }], {}, { promptTokenCount: 7 }))
    assert.deepEqual(counted(plain + last), {
      frames: 2,
      bytes: plain.length + last.length,
      usageText: '{"promptTokenCount":7}',
    })
    const without = frame({ candidates: [{ content: { parts: [{ text: 'c' }] } }] })
    assert.equal(counted(plain + without).usageText, JSON.stringify(usage))
    assert.equal(counted(without).usageText, undefined)
    const accented = frame(reply([{ text: 'd' }], {}, { promptTokenCount: 7, note: 'é' }))
    assert.equal(counted(accented).usageText, '{"promptTokenCount":7,"note":"é"}')
  })

  it('pass with spaces between their words, and with either line end', () => {
    const spaced = `data: ${JSON.stringify(reply([{ text: 'a' }])).replaceAll('":', '": ')}\r\n\r\n`
    assert.equal(counted(spaced).bytes, spaced.length)
    assert.equal(counted(frame(reply([{ text: 'a' }]), '\n\n')).frames, 1)
  })

  it('pass whatever the model says in them', () => {
    const said = 'the "finishReason": "STOP", \\"error\\": {} and \n\n "functionCall"'
    assert.equal(counted(frame(reply([{ text: said }]))).frames, 1)
  })

  it('end before what must be read', () => {
    const told: readonly unknown[] = [
      reply([{ text: 'a' }], { finishReason: 'STOP' }),
      reply([{ text: 'a' }], { groundingMetadata: {} }),
      reply([{ text: 'a' }], { index: 1 }),
      reply([{ text: 'a' }], { index: 10 }),
      reply([{ functionCall: { name: 'f' } }]),
      reply([{ text: 'a' }, { inlineData: {} }]),
      reply([{ text: '' }]),
      reply([{ text: 'a' }, { text: 'b' }]),
      reply([]),
      { error: { code: 500 } },
      { promptFeedback: { blockReason: 'SAFETY' } },
      [reply([{ text: 'a' }])],
    ]
    for (const value of told) {
      assert.deepEqual(counted(frame(value)).frames, 0, JSON.stringify(value))
      assert.equal(counted(plain + frame(value) + plain).frames, 1)
    }
  })

  it('are left to be read when they are not whole or end otherwise', () => {
    for (let cut = 0; cut < plain.length; cut += 1) assert.equal(counted(plain.slice(0, cut)).frames, 0)
    for (const ending of ['\r\r', '\n\r\n', '\r\n\n', '\ndata: 1\n\n', '\r\nid: 1\r\n\r\n', ' \n\n']) {
      assert.equal(counted(frame(reply([{ text: 'a' }]), ending)).frames, 0, JSON.stringify(ending))
    }
    assert.equal(counted(`event: x\n${plain}`).frames, 0)
    assert.equal(counted(`: comment\r\n\r\n${plain}`).frames, 0)
  })
})
