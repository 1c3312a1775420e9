/** Reads Gemini's `GenerateContentResponse` objects, one of them or a stream's many, as events. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'
import { createCandidateReader } from '#services/llm-adapters/gemini/candidate-reader.ts'
import type { CandidateReader } from '#services/llm-adapters/gemini/candidate-reader.ts'
import { finishOfBlockedPrompt } from '#services/llm-adapters/gemini/finish-reason.ts'
import { searchCountOf } from '#services/llm-adapters/gemini/grounding.ts'
import { usageOf } from '#services/llm-adapters/gemini/usage-metadata.ts'

/** Gemini gives at most eight answers at once. */
const candidatesMax = 64

export interface ReplyReader {
  /** The events of one response object, in order. Throws `provider_malformed`. */
  read(response: JsonObject): readonly ChatEvent[]
  /** The usage so far, of a reply that is not read otherwise. */
  readUsage(metadata: JsonObject | undefined, events: ChatEvent[]): void
  /** What only the end of the reply settles. To be called once. */
  end(): readonly ChatEvent[]
  /** How many of the last object's parts said something. */
  readonly deltas: number
  readonly hasContent: boolean
  /** The first candidate is known, so that its end will be. */
  readonly hasBegun: boolean
  /** Every candidate that began has said why it stopped, or the prompt was refused. */
  readonly isFinished: boolean
}

export interface ReplyReaderOptions {
  readonly context: DecodeContext
  /** Whether neighbouring texts are parts of their own (a whole reply) or pieces of one (a stream). */
  readonly keepsPartsApart: boolean
}

interface ReplyState extends ReplyReaderOptions {
  readonly candidates: Map<number, CandidateReader>
  hasStarted: boolean
  blocked: Finish | undefined
  deltas: number
  hasContent: boolean
  searches: number
}

export const createReplyReader = (options: ReplyReaderOptions): ReplyReader => new GeminiReplyReader(options)

class GeminiReplyReader implements ReplyReader {
  readonly #state: ReplyState

  constructor(options: ReplyReaderOptions) {
    this.#state = {
      ...options,
      candidates: new Map(),
      hasStarted: false,
      blocked: undefined,
      deltas: 0,
      hasContent: false,
      searches: 0,
    }
  }

  read(response: JsonObject): readonly ChatEvent[] {
    return readResponse(this.#state, response)
  }

  readUsage(metadata: JsonObject | undefined, events: ChatEvent[]): void {
    addUsage(this.#state, metadata, events)
  }

  end(): readonly ChatEvent[] {
    const { candidates, blocked } = this.#state
    const events: ChatEvent[] = []
    for (const candidate of candidates.values()) candidate.end(events)
    if (candidates.size === 0 && blocked) events.push({ type: 'finish', choice: 0, finish: blocked })
    return events
  }

  get deltas(): number {
    return this.#state.deltas
  }

  get hasContent(): boolean {
    return this.#state.hasContent
  }

  get hasBegun(): boolean {
    return this.#state.candidates.has(0)
  }

  get isFinished(): boolean {
    const { candidates, blocked } = this.#state
    if (candidates.size === 0) return blocked !== undefined
    for (const candidate of candidates.values()) if (!candidate.isFinished) return false
    return true
  }
}

function readResponse(state: ReplyState, response: JsonObject): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  if (!state.hasStarted) {
    state.hasStarted = true
    events.push(startOf(response))
  }
  state.deltas = 0
  const list = asArray(response['candidates'])
  for (const entry of list) {
    const candidate = asObject(entry)
    if (!candidate) continue
    state.deltas += candidateAt(state, asCount(candidate['index']) ?? 0).read(candidate, events)
    const grounding = asObject(candidate['groundingMetadata'])
    if (grounding) state.searches = Math.max(state.searches, searchesBilled(grounding, state.context))
  }
  if (state.deltas > 0) state.hasContent = true
  if (list.length === 0) state.blocked ??= finishOfBlockedPrompt(asObject(response['promptFeedback']))
  addUsage(state, asObject(response['usageMetadata']), events)
  return events
}

function addUsage({ searches }: ReplyState, metadata: JsonObject | undefined, events: ChatEvent[]): void {
  const usage = usageOf(metadata)
  if (!usage) return
  const serverToolUses = searches > 0 ? { google_search: searches } : undefined
  events.push({ type: 'usage', usage: serverToolUses ? { ...usage, serverToolUses } : usage })
}

function candidateAt(state: ReplyState, choice: number): CandidateReader {
  let reader = state.candidates.get(choice)
  if (!reader) {
    if (choice >= candidatesMax) {
      throw new Problem('provider_malformed', { detail: `The provider sent an answer numbered ${choice}.` })
    }
    const { context, keepsPartsApart } = state
    reader = createCandidateReader({ choice, context, keepsPartsApart })
    state.candidates.set(choice, reader)
  }
  return reader
}

function startOf(response: JsonObject): ChatEvent {
  const createdAtMs = Date.parse(asString(response['createTime']) ?? '')
  return {
    type: 'start',
    id: asString(response['responseId']) ?? '',
    model: asString(response['modelVersion']) ?? '',
    ...(Number.isNaN(createdAtMs) ? {} : { createdAtS: Math.floor(createdAtMs / 1_000) }),
  }
}

/** Gemini 3 bills every search, earlier generations every answer that searched. */
function searchesBilled(grounding: JsonObject, context: DecodeContext): number {
  const count = searchCountOf(grounding)
  return context.target.card.quirks.has('thinking_level') ? count : Math.min(1, count)
}
