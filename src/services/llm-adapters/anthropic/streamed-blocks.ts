/** The content blocks of a stream: each starts, grows by deltas and stops, one after the other. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import {
  callerCarry,
  citationOf,
  createBlockReader,
  isServerCall,
  signatureCarry,
} from '#services/llm-adapters/anthropic/answer-parts.ts'
import type { CallIds } from '#services/llm-adapters/wire/call-ids.ts'

export interface StreamedBlocks {
  /** Blocks that the message already holds when it starts (a tool that is called from running code). */
  prefilled(content: JsonValue | undefined, events: ChatEvent[]): void
  /** Returns whether the start alone already shows something. */
  start(data: JsonObject, events: ChatEvent[]): boolean
  delta(data: JsonObject, events: ChatEvent[]): void
  stop(index: JsonValue | undefined, events: ChatEvent[]): void
  /** Closes whatever a provider left open. */
  stopAll(events: ChatEvent[]): void
}

/** A block between its start and its stop. */
type OpenBlock =
  | { readonly kind: 'text'; hasBegun: boolean }
  | { readonly kind: 'thinking'; hasBegun: boolean; signature: string | undefined }
  | {
      readonly kind: 'call'
      readonly call: number
      readonly input: JsonObject | undefined
      hasArguments: boolean
    }
  /** A block that goes on as one piece when it stops. */
  | { readonly kind: 'piece'; block: JsonObject; inputText: string }

/** More than any tool takes; beyond it the provider has lost its way. */
const inputCharactersMax = 16_777_216
const openBlocksMax = 1_000

export function createStreamedBlocks(provider: string, callIds: CallIds): StreamedBlocks {
  const open = new Map<JsonValue | undefined, OpenBlock>()
  const reader = createBlockReader(callIds)
  let calls = 0

  const nextCall = () => {
    calls += 1
    return calls - 1
  }
  const numbering: CallNumbering = { nextCall, callIds }
  const close = (block: OpenBlock, events: ChatEvent[]) => {
    if (block.kind === 'thinking') closeThinking(block, events)
    if (block.kind === 'call' && !block.hasArguments) {
      const argumentsText = JSON.stringify(block.input ?? {})
      events.push({ type: 'tool-call-delta', choice: 0, call: block.call, argumentsText })
    }
    if (block.kind === 'piece') {
      const part = reader.partOf(withInput(block))
      if (part) emitPart(part, events, nextCall)
    }
  }

  return {
    prefilled(content, events) {
      for (const value of asArray(content)) {
        const block = asObject(value)
        const part = block && reader.partOf(block)
        if (part) emitPart(part, events, nextCall)
      }
    },
    start(data, events) {
      const index = data['index']
      const block = asObject(data['content_block']) ?? {}
      const earlier = open.get(index)
      if (earlier) close(earlier, events)
      if (open.size >= openBlocksMax) throw malformed('The stream keeps too many blocks open.', provider)
      const started = startBlock(block, events, numbering)
      open.set(index, started)
      return started.kind === 'call' || started.kind === 'piece'
    },
    delta(data, events) {
      const delta = asObject(data['delta'])
      if (!delta) return
      const block = open.get(data['index']) ?? unannounced(delta, provider)
      open.set(data['index'], block)
      addDelta(block, delta, events, provider)
    },
    stop(index, events) {
      const block = open.get(index)
      open.delete(index)
      if (block) close(block, events)
    },
    stopAll(events) {
      for (const block of open.values()) close(block, events)
      open.clear()
    },
  }
}

interface CallNumbering {
  readonly nextCall: () => number
  readonly callIds: CallIds
}

function startBlock(block: JsonObject, events: ChatEvent[], numbering: CallNumbering): OpenBlock {
  switch (asString(block['type'])) {
    case 'text': {
      const opened: OpenBlock = { kind: 'text', hasBegun: false }
      addText(opened, asString(block['text']), events)
      for (const citation of asArray(block['citations'])) addCitation(opened, citation, events)
      return opened
    }
    case 'thinking': {
      const opened: OpenBlock = { kind: 'thinking', hasBegun: false, signature: asString(block['signature']) }
      addThinking(opened, asString(block['thinking']), events)
      return opened
    }
    case 'tool_use': {
      const call = numbering.nextCall()
      events.push({
        type: 'tool-call-start',
        choice: 0,
        call,
        id: numbering.callIds(asString(block['id'])),
        name: asString(block['name']) ?? '',
        kind: 'function',
      })
      const carry = callerCarry(block)
      if (carry) events.push({ type: 'carry', choice: 0, call, carry })
      return { kind: 'call', call, input: asObject(block['input']), hasArguments: false }
    }
    default:
      return { kind: 'piece', block, inputText: '' }
  }
}

/**
 * Words for a block that never started, or has stopped: they are said, and are no less a part of the answer. Of other
 * pieces nobody can say what they belong to. Throws `provider_malformed`.
 */
function unannounced(delta: JsonObject, provider: string): OpenBlock {
  switch (delta['type']) {
    case 'input_json_delta':
      throw malformed('The stream goes on with a tool call that is not open.', provider)
    case 'thinking_delta':
      return { kind: 'thinking', hasBegun: false, signature: undefined }
    default:
      return { kind: 'text', hasBegun: false }
  }
}

/** Deltas of a kind that is new since, or that does not fit the block, are read over. */
function addDelta(block: OpenBlock, delta: JsonObject, events: ChatEvent[], provider: string): void {
  switch (block.kind) {
    case 'text':
      if (delta['type'] === 'text_delta') addText(block, asString(delta['text']), events)
      if (delta['type'] === 'citations_delta') addCitation(block, delta['citation'], events)
      return
    case 'thinking':
      if (delta['type'] === 'thinking_delta') addThinking(block, asString(delta['thinking']), events)
      if (delta['type'] === 'signature_delta') block.signature = asString(delta['signature'])
      return
    case 'call': {
      const argumentsText = delta['type'] === 'input_json_delta' ? asString(delta['partial_json']) : undefined
      if (!argumentsText) return
      block.hasArguments = true
      events.push({ type: 'tool-call-delta', choice: 0, call: block.call, argumentsText })
      return
    }
    case 'piece':
      growPiece(block, delta, provider)
  }
}

function addText(block: OpenBlock & { kind: 'text' }, text: string | undefined, events: ChatEvent[]): void {
  if (!text) return
  events.push({ type: 'text-delta', choice: 0, text, ...(block.hasBegun ? {} : { begins: true }) })
  block.hasBegun = true
}

/** A citation may come before the text that it supports; the part must then exist already. */
function addCitation(
  block: OpenBlock & { kind: 'text' },
  value: JsonValue | undefined,
  events: ChatEvent[],
): void {
  const citation = citationOf(value)
  if (!citation) return
  if (!block.hasBegun) events.push({ type: 'text-delta', choice: 0, text: '', begins: true })
  block.hasBegun = true
  events.push({ type: 'citation', choice: 0, citation })
}

function addThinking(
  block: OpenBlock & { kind: 'thinking' },
  text: string | undefined,
  events: ChatEvent[],
): void {
  if (!text) return
  events.push({ type: 'reasoning-delta', choice: 0, text, ...(block.hasBegun ? {} : { begins: true }) })
  block.hasBegun = true
}

/** Thinking that is not shown still is a part, because its signature must return. */
function closeThinking(block: OpenBlock & { kind: 'thinking' }, events: ChatEvent[]): void {
  if (!block.hasBegun) events.push({ type: 'reasoning-delta', choice: 0, text: '', begins: true })
  const carry = signatureCarry(block.signature)
  if (carry) events.push({ type: 'carry', choice: 0, carry })
}

/** A server tool's input comes as pieces of JSON, a compaction's summary as pieces of text. */
function growPiece(block: OpenBlock & { kind: 'piece' }, delta: JsonObject, provider: string): void {
  if (delta['type'] === 'input_json_delta') {
    block.inputText += asString(delta['partial_json']) ?? ''
    if (block.inputText.length > inputCharactersMax) {
      throw malformed('The input of a tool never ends.', provider)
    }
  }
  if (delta['type'] === 'compaction_delta') block.block = { ...block.block, ...withoutType(delta) }
}

function withoutType(delta: JsonObject): JsonObject {
  const { type: _, ...rest } = delta
  return rest
}

function withInput(block: OpenBlock & { kind: 'piece' }): JsonObject {
  const type = asString(block.block['type']) ?? ''
  const input = block.inputText === '' ? undefined : parseJson(block.inputText)
  return isServerCall(type) && input !== undefined ? { ...block.block, input } : block.block
}

/** A part that is whole already, as the events that a door knows how to write. */
function emitPart(part: Part, events: ChatEvent[], nextCall: () => number): void {
  switch (part.type) {
    case 'text':
      events.push({ type: 'text-delta', choice: 0, text: part.text, begins: true })
      for (const citation of part.citations ?? []) events.push({ type: 'citation', choice: 0, citation })
      return
    case 'reasoning':
      events.push({ type: 'reasoning-delta', choice: 0, text: part.text, begins: true })
      for (const carry of part.carry ?? []) events.push({ type: 'carry', choice: 0, carry })
      return
    case 'tool_call': {
      const call = nextCall()
      const { id, name, kind, argumentsText } = part
      events.push({ type: 'tool-call-start', choice: 0, call, id, name, kind })
      for (const carry of part.carry ?? []) events.push({ type: 'carry', choice: 0, call, carry })
      events.push({ type: 'tool-call-delta', choice: 0, call, argumentsText })
      return
    }
    default:
      events.push({ type: 'part', choice: 0, part })
  }
}

function malformed(detail: string, provider: string): Problem {
  return new Problem('provider_malformed', { detail, provider })
}
