/** Tool calls out of deltas, whatever a server leaves out, repeats or numbers wrongly. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Writable } from '#core/domain/writable.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'

interface OpenCall {
  readonly number: number
  /** The index on the wire, which may be missing or shared. */
  readonly index: number | undefined
  /** The id on the wire; empty when it sent none. */
  wireId: string
  name: string
  readonly kind: 'function' | 'custom'
  argumentsText: string
  isStarted: boolean
}

/** Each fragment is compared with the calls before it, so that their number must have an end. */
const callsMax = 1_000

export interface CallReader {
  /** One element of `tool_calls`, whole or a fragment of one. */
  add(call: JsonObject, events: ChatEvent[]): void
  /** No more fragments come: calls without arguments get `{}`. */
  finish(events: ChatEvent[]): void
  readonly hasCalls: boolean
}

/** What one delta says about a call. */
interface CallFragment {
  readonly index: number | undefined
  readonly id: string
  readonly name: string
  readonly kind: 'function' | 'custom'
  readonly argumentsText: string
}

export function createCallReader(choice: number, mintId: () => string): CallReader {
  const calls: OpenCall[] = []
  const callIds = createCallIds(mintId)

  const start = (call: OpenCall, events: ChatEvent[]): void => {
    call.isStarted = true
    const id = callIds(call.wireId)
    events.push({ type: 'tool-call-start', choice, call: call.number, id, name: call.name, kind: call.kind })
    if (call.argumentsText !== '') events.push(argumentsEvent(call, call.argumentsText))
  }

  const argumentsEvent = (call: OpenCall, argumentsText: string): ChatEvent => ({
    type: 'tool-call-delta',
    choice,
    call: call.number,
    argumentsText,
  })

  const reader: Writable<CallReader> = {
    hasCalls: false,
    add(wire, events) {
      const fragment = fragmentOf(wire)
      const known = callFor(calls, fragment)
      const call = known ?? openCall(calls, fragment)
      reader.hasCalls = true
      if (call.wireId === '' && !call.isStarted) call.wireId = fragment.id
      if (call.name === '') call.name = fragment.name
      call.argumentsText += fragment.argumentsText
      if (!call.isStarted && call.name !== '') start(call, events)
      else if (call.isStarted && fragment.argumentsText !== '') {
        events.push(argumentsEvent(call, fragment.argumentsText))
      }
      const extra = asObject(wire['extra_content'])
      if (extra && call.isStarted) events.push(extraContentCarry(choice, call.number, extra))
    },
    finish(events) {
      for (const call of calls) {
        if (!call.isStarted) start(call, events)
        if (call.kind === 'function' && call.argumentsText.trim() === '')
          events.push(argumentsEvent(call, '{}'))
      }
    },
  }
  return reader
}

/** Adds the call that a fragment begins. */
function openCall(calls: OpenCall[], { id, index, name, kind }: CallFragment): OpenCall {
  if (calls.length >= callsMax) {
    throw new Problem('provider_malformed', {
      detail: 'The provider sent more tool calls than any answer has.',
    })
  }
  const number = calls.length
  const call: OpenCall = { number, index, wireId: id, name, kind, argumentsText: '', isStarted: false }
  calls.push(call)
  return call
}

/** Google's compatible endpoint keeps thought signatures here and wants them back in the same place. */
function extraContentCarry(choice: number, call: number, extra: JsonObject): ChatEvent {
  const carry = { origin: 'openai-chat', kind: 'item', value: '', extras: { extra_content: extra } } as const
  return { type: 'carry', choice, call, carry }
}

function fragmentOf(wire: JsonObject): CallFragment {
  const custom = asObject(wire['custom'])
  const isCustom =
    wire['type'] === 'custom' || (custom !== undefined && asObject(wire['function']) === undefined)
  const body = isCustom ? custom : asObject(wire['function'])
  const index = wire['index']
  return {
    index: typeof index === 'number' ? index : undefined,
    id: asString(wire['id']) ?? '',
    name: asString(body?.['name']) ?? '',
    kind: isCustom ? 'custom' : 'function',
    argumentsText: argumentsOf(body?.[isCustom ? 'input' : 'arguments']),
  }
}

/** Some servers send the arguments as an object instead of its text. */
function argumentsOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/**
 * The call that a fragment continues, or undefined when it opens a new one. Indices may be missing or shared by
 * parallel calls, and ids and names may be repeated on each fragment.
 */
function callFor(calls: readonly OpenCall[], fragment: CallFragment): OpenCall | undefined {
  const { index, id, name } = fragment
  const candidate =
    index === undefined
      ? (calls.findLast((call) => id !== '' && call.wireId === id) ?? calls.at(-1))
      : calls.findLast((call) => call.index === index)
  if (!candidate || name === '') return candidate
  if (id !== '' && candidate.wireId !== '') return id === candidate.wireId ? candidate : undefined
  if (candidate.name !== '' && name !== candidate.name) return undefined
  const isSecondCall = fragment.argumentsText !== '' && parseJson(candidate.argumentsText) !== undefined
  return isSecondCall ? undefined : candidate
}
