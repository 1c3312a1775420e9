/** Events of an answer, and the frames that the Cohere door writes of them. */
import assert from 'node:assert/strict'

import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { createWordFrames } from '#http/cohere/word-frames.ts'

export interface Frame {
  readonly type: string
  readonly index?: number
  readonly delta?: {
    readonly message?: {
      readonly content?: { readonly text?: string; readonly is_refusal?: boolean }
      readonly tool_calls?: { readonly id?: string; readonly function?: { readonly arguments: string } }
      readonly tool_plan?: string
    }
    readonly finish_reason?: string
  }
  readonly logprobs?: object
}

/** Frames of whole batches, checked to be well-formed. */
export function framesOf(...batches: readonly (readonly ChatEvent[])[]): readonly Frame[] {
  const words = createWordFrames('id-1')
  let text = ''
  for (const batch of batches) text += words.framesOf(batch)
  text += words.end({ ...unknownUsage, inputTokens: 1, outputTokens: 2 })
  assert.ok(text.endsWith('\n\n'))
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const [, name, json] = /^event: ([a-z-]+)\ndata: ([^]*)$/.exec(frame) ?? []
      assert.ok(json !== undefined, frame)
      assert.ok(!json.includes('[DONE]'), 'a client would take this for the end')
      const parsed = JSON.parse(json) as Frame
      assert.equal(parsed.type, name)
      return parsed
    })
}

export const text = (piece: string, begins?: boolean): ChatEvent => ({
  type: 'text-delta',
  choice: 0,
  text: piece,
  begins,
})
export const thinking = (piece: string, begins?: boolean): ChatEvent => ({
  type: 'reasoning-delta',
  choice: 0,
  text: piece,
  begins,
})
export const callStart = (call: number, kind: 'function' | 'custom' = 'function'): ChatEvent => ({
  type: 'tool-call-start',
  choice: 0,
  call,
  id: `c${call}`,
  name: 'f',
  kind,
})
export const callDelta = (call: number, argumentsText: string): ChatEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  call,
  argumentsText,
})
export const token: Carry = { origin: 'gemini-generate', kind: 'thought_signature', value: 's' }
export const carry = (call?: number): ChatEvent => ({
  type: 'carry',
  choice: 0,
  carry: token,
  ...(call === undefined ? {} : { call }),
})
