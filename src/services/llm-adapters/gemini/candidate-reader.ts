/** Reads one of Gemini's candidates, piece by piece, as the events of one choice. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'
import { createCallReader } from '#services/llm-adapters/gemini/call-reader.ts'
import type { CallReader } from '#services/llm-adapters/gemini/call-reader.ts'
import { finishOf } from '#services/llm-adapters/gemini/finish-reason.ts'
import { citationsOf } from '#services/llm-adapters/gemini/grounding.ts'
import { signatureIn, wholePart } from '#services/llm-adapters/gemini/whole-part.ts'

export interface CandidateReader {
  /** Appends the events of the next piece; returns how many of its parts say something. */
  read(candidate: JsonObject, events: ChatEvent[]): number
  /** Appends what only the end of the reply settles: an open call, the sources, why it stopped. */
  end(events: ChatEvent[]): void
  readonly isFinished: boolean
}

export interface CandidateReaderOptions {
  readonly choice: number
  readonly context: DecodeContext
  /** Whether neighbouring texts are parts of their own (a whole reply) or pieces of one (a stream). */
  readonly keepsPartsApart: boolean
}

interface CandidateState extends CandidateReaderOptions {
  readonly calls: CallReader
  /** The last piece that said why it stops: some models say so on every piece. */
  ending: { readonly candidate: JsonObject; readonly reason: string } | undefined
  /** The part before bore a signature, so that nothing may be added to it. */
  isLastPartSealed: boolean
  grounding: JsonObject | undefined
  chosenTokens: JsonValue[]
  topTokens: JsonValue[]
}

export function createCandidateReader(options: CandidateReaderOptions): CandidateReader {
  const { choice, context } = options
  const state: CandidateState = {
    ...options,
    calls: createCallReader(choice, context),
    ending: undefined,
    isLastPartSealed: false,
    grounding: undefined,
    chosenTokens: [],
    topTokens: [],
  }
  const reader: Writable<CandidateReader> = {
    isFinished: false,
    read(candidate, events) {
      const deltas = readParts(state, candidate, events)
      if (!context.isNative) readSurroundings(state, candidate, events)
      const reason = asString(candidate['finishReason'])
      if (reason !== undefined) {
        state.ending = { candidate, reason }
        reader.isFinished = true
      }
      return deltas
    },
    end: (events) => complete(state, events),
  }
  return reader
}

/** A caller of this dialect gets the bytes themselves; then only calls are counted, for the finish. */
function readParts(state: CandidateState, candidate: JsonObject, events: ChatEvent[]): number {
  let deltas = 0
  for (const entry of asArray(asObject(candidate['content'])?.['parts'])) {
    const part = asObject(entry)
    if (!part) continue
    if (part['text'] !== '') deltas += 1
    if (!state.context.isNative) readPart(state, part, events)
    else if (part['functionCall'] !== undefined) state.calls.note()
  }
  return deltas
}

function readPart(state: CandidateState, part: JsonObject, events: ChatEvent[]): void {
  const call = asObject(part['functionCall'])
  if (call) {
    state.calls.read(call, signatureIn(part), events)
    return
  }
  state.calls.finish(events)
  const text = asString(part['text'])
  if (text !== undefined) {
    readText(state, part, text, events)
    return
  }
  const whole = wholePart(part)
  if (!whole) return
  events.push({ type: 'part', choice: state.choice, part: whole })
}

function readText(state: CandidateState, part: JsonObject, text: string, events: ChatEvent[]): void {
  const { choice, keepsPartsApart } = state
  const signature = signatureIn(part)
  // Nothing to say and nothing to carry: some streams end with such a part.
  if (text === '' && !signature && !keepsPartsApart) return
  const begins = keepsPartsApart || signature !== undefined || state.isLastPartSealed
  const type = part['thought'] === true ? 'reasoning-delta' : 'text-delta'
  events.push(begins ? { type, choice, text, begins } : { type, choice, text })
  if (signature) events.push({ type: 'carry', choice, carry: signature })
  state.isLastPartSealed = signature !== undefined
}

function readSurroundings(state: CandidateState, candidate: JsonObject, events: ChatEvent[]): void {
  const grounding = asObject(candidate['groundingMetadata'])
  if (grounding && asArray(grounding['groundingChunks']).length > 0) state.grounding = grounding
  const citationMetadata = candidate['citationMetadata']
  if (citationMetadata !== undefined) events.push({ type: 'extras', extras: { citationMetadata } })
  const logprobs = asObject(candidate['logprobsResult'])
  if (!logprobs) return
  state.chosenTokens.push(...asArray(logprobs['chosenCandidates']))
  state.topTokens.push(...asArray(logprobs['topCandidates']))
  events.push({
    type: 'logprobs',
    choice: state.choice,
    logprobs: {
      origin: 'gemini-generate',
      tokenCount: state.chosenTokens.length,
      value: { chosenCandidates: state.chosenTokens, topCandidates: state.topTokens },
    },
  })
}

/** The last list of sources is the whole one. */
function complete(state: CandidateState, events: ChatEvent[]): void {
  state.calls.finish(events)
  const { grounding, choice, ending } = state
  if (grounding) {
    for (const citation of citationsOf(grounding)) events.push({ type: 'citation', choice, citation })
  }
  if (!ending) return
  const finish = finishOf(ending.candidate, ending.reason, state.calls.count > 0)
  events.push({ type: 'finish', choice, finish })
}
