/** The `delta` objects of one choice of a stream, as JSON text. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { writeCallExtra } from '#http/openai/call-extra.ts'
import { writeAudio, writeCitations, writeImage } from '#http/openai/chat-answer.ts'
import { createGrowingDetails } from '#http/openai/growing-details.ts'

export type DeltaEvent = Exclude<
  ChatEvent,
  { readonly type: 'start' | 'usage' | 'extras' | 'native' | 'resumed' | 'finish' | 'logprobs' }
>

export interface ChoiceDeltas {
  isFinished: boolean
  hasCalls(): boolean
  /** Undefined when the event says nothing in this form. */
  deltaOf(event: DeltaEvent): string | undefined
  /**
   * What only the end can say: `{}` for each function called without arguments, since clients parse what they
   * collected and "" is not JSON; and every entry of `reasoning_details` at once, since clients keep the last delta
   * of a member they do not know and drop those before it.
   */
  closing(): readonly string[]
}

interface CallState {
  readonly isCustom: boolean
  readonly carries: Carry[]
  hasArguments: boolean
}

export function createChoiceDeltas(): ChoiceDeltas {
  const calls = new Map<number, CallState>()
  const details = createGrowingDetails()
  return {
    isFinished: false,
    hasCalls: () => calls.size > 0,
    deltaOf(event) {
      switch (event.type) {
        case 'text-delta':
          details.addText(event)
          return event.isToolPlan
            ? `{"reasoning_content":${JSON.stringify(event.text)}}`
            : `{"content":${JSON.stringify(event.text)}}`
        case 'reasoning-delta':
          details.addReasoning(event.text, event.begins === true)
          return `{"reasoning_content":${JSON.stringify(event.text)}}`
        case 'refusal-delta':
          return `{"refusal":${JSON.stringify(event.text)}}`
        case 'tool-call-start':
          details.endPart()
          calls.set(event.call, { isCustom: event.kind === 'custom', carries: [], hasArguments: false })
          return callStart(event)
        case 'tool-call-delta':
          return argumentsDelta(event.call, event.argumentsText, calls.get(event.call))
        case 'carry':
          if (event.call !== undefined) return callCarry(event.call, event.carry, calls.get(event.call))
          details.addCarry(event.carry)
          return undefined
        case 'citation':
          return JSON.stringify(writeCitations([event.citation]))
        case 'part':
          details.addPart(event.part)
          return mediaDelta(event.part)
        case 'media-delta':
          return mediaDelta(event.media)
      }
    },
    closing() {
      const entries = details.all()
      const deltas = entries.length > 0 ? [JSON.stringify({ reasoning_details: entries })] : []
      for (const [call, { isCustom, hasArguments }] of calls) {
        if (!isCustom && !hasArguments) deltas.push(callDelta(call, { function: { arguments: '{}' } }))
      }
      return deltas
    },
  }
}

const callDelta = (index: number, rest: JsonObject) => JSON.stringify({ tool_calls: [{ index, ...rest }] })

function callStart(event: Extract<ChatEvent, { type: 'tool-call-start' }>): string {
  const { call, id, name, kind: type } = event
  const named = type === 'custom' ? { custom: { name, input: '' } } : { function: { name, arguments: '' } }
  return callDelta(call, { id, type, ...named })
}

function argumentsDelta(call: number, argumentsText: string, state: CallState | undefined): string {
  if (state && argumentsText.trim() !== '') state.hasArguments = true
  return state?.isCustom
    ? callDelta(call, { custom: { input: argumentsText } })
    : callDelta(call, { function: { arguments: argumentsText } })
}

/**
 * Every token of the call so far, since clients keep the last delta of a member they do not know; with an empty piece
 * of arguments beside it, since clients that check every delta want to see one.
 */
function callCarry(call: number, carry: Carry, state: CallState | undefined): string {
  state?.carries.push(carry)
  const called = state?.isCustom ? { custom: { input: '' } } : { function: { arguments: '' } }
  const extra = writeCallExtra(state?.carries ?? [carry])
  return callDelta(call, { ...called, ...(extra ? { extra_content: extra } : {}) })
}

function mediaDelta(part: Extract<ChatEvent, { type: 'part' }>['part']): string | undefined {
  if (part.type === 'image') return JSON.stringify({ images: [writeImage({ ...part, type: 'image' })] })
  return part.type === 'audio' ? JSON.stringify({ audio: writeAudio({ ...part, type: 'audio' }) }) : undefined
}
