/** The `delta` objects of one choice of a stream, as JSON text. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { thoughtSignature, writeAudio, writeCitation, writeImage } from '#http/openai/chat-answer.ts'
import { writeReasoningDetails } from '#http/openai/reasoning-details.ts'

export type DeltaEvent = Exclude<
  ChatEvent,
  { readonly type: 'start' | 'usage' | 'extras' | 'native' | 'finish' | 'logprobs' }
>

export interface ChoiceDeltas {
  isFinished: boolean
  hasCalls(): boolean
  /** Undefined when the event says nothing in this form. */
  deltaOf(event: DeltaEvent): string | undefined
  /** `{}` for each function called without arguments: clients parse what they collected, and "" is not JSON. */
  unspokenArguments(): readonly string[]
}

interface CallState {
  readonly isCustom: boolean
  hasArguments: boolean
}

export function createChoiceDeltas(): ChoiceDeltas {
  const calls = new Map<number, CallState>()
  const reasoning = createReasoningText()
  return {
    isFinished: false,
    hasCalls: () => calls.size > 0,
    deltaOf(event) {
      switch (event.type) {
        case 'text-delta':
          return event.isToolPlan
            ? `{"reasoning_content":${JSON.stringify(event.text)}}`
            : `{"content":${JSON.stringify(event.text)}}`
        case 'reasoning-delta':
          reasoning.add(event.text, event.begins === true)
          return `{"reasoning_content":${JSON.stringify(event.text)}}`
        case 'refusal-delta':
          return `{"refusal":${JSON.stringify(event.text)}}`
        case 'tool-call-start':
          calls.set(event.call, { isCustom: event.kind === 'custom', hasArguments: false })
          return callStart(event)
        case 'tool-call-delta':
          return argumentsDelta(event.call, event.argumentsText, calls.get(event.call))
        case 'carry':
          return event.call === undefined
            ? reasoning.detailsWith(event.carry)
            : callCarry(event.call, event.carry, calls.get(event.call))
        case 'citation':
          return annotationDelta(writeCitation(event.citation))
        case 'part':
        case 'media-delta':
          return mediaDelta(event.type === 'part' ? event.part : event.media)
      }
    },
    unspokenArguments() {
      const deltas: string[] = []
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

/** With an empty piece of arguments beside it: clients that check every delta want to see one. */
function callCarry(call: number, carry: Carry, state: CallState | undefined): string | undefined {
  if (carry.kind !== 'thought_signature') return undefined
  const called = state?.isCustom ? { custom: { input: '' } } : { function: { arguments: '' } }
  return callDelta(call, { ...called, extra_content: thoughtSignature(carry.value) })
}

function annotationDelta(annotations: readonly JsonObject[]): string | undefined {
  return annotations.length === 0 ? undefined : JSON.stringify({ annotations })
}

function mediaDelta(part: Extract<ChatEvent, { type: 'part' }>['part']): string | undefined {
  if (part.type === 'image') return JSON.stringify({ images: [writeImage({ ...part, type: 'image' })] })
  return part.type === 'audio' ? JSON.stringify({ audio: writeAudio({ ...part, type: 'audio' }) }) : undefined
}

/** Reasoning as it grows: a token goes out with the whole text that it signs, because clients return pieces unjoined. */
function createReasoningText() {
  let text = ''
  let index = 0
  return {
    add(piece: string, begins: boolean): void {
      if (begins && text !== '') {
        text = ''
        index++
      }
      text += piece
    },
    detailsWith(carry: Carry): string | undefined {
      const details = writeReasoningDetails(text, [carry], index)
      text = ''
      index++
      return details.length === 0 ? undefined : JSON.stringify({ reasoning_details: details })
    },
  }
}
