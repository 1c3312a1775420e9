/** Cohere's event stream as events of an answer (Cohere API v2 reference, Chat with streaming). */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { citationOf, finishOf, logprobsOf, usageOf } from '#services/llm-adapters/cohere/answer-words.ts'
import { failureProblem } from '#services/llm-adapters/cohere/explain.ts'
import { createStreamedCalls } from '#services/llm-adapters/cohere/streamed-calls.ts'
import { createDeltaFrameCount } from '#services/llm-adapters/wire/delta-frames.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { passDeltaFrames, passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { FrameHandling } from '#services/llm-adapters/wire/stream-decoder.ts'

export function openCohereStream(context: DecodeContext): StreamDecoder {
  const { provider } = context.target
  const reader = createEventReader(context)
  const handling: FrameHandling = {
    frames: createFrameReader({ keepsBytes: context.isNative }),
    readFrame(frame, events) {
      const meaning = reader.read(frame, events)
      passFrame(frame, provider.dialect, meaning === 'content' ? 1 : 0, events)
      return meaning === 'end' ? 'complete' : 'more'
    },
    readEnd: () => (reader.hasEnded ? 'complete' : streamCut(provider.name)),
  }
  if (!context.isNative) return createStreamDecoder(handling)
  const passFrames = passDeltaFrames(provider.dialect, contentFrames, () => reader.hasSpoken)
  return createStreamDecoder({ ...handling, passFrames })
}

interface EventReader {
  /** What a frame was: content of the answer, its last frame, or anything else. Throws what ends the stream. */
  read(frame: Frame, events: ChatEvent[]): 'content' | 'end' | 'other'
  /** Something was said: what follows is content by its name. */
  readonly hasSpoken: boolean
  /** The message was ended; only the marker after it may be missing. */
  readonly hasEnded: boolean
}

const contentNames = ['content-delta', 'tool-plan-delta', 'tool-call-delta']
const contentEvents: ReadonlySet<string> = new Set(contentNames)
const contentFrames = createDeltaFrameCount(contentNames)

/** Frames are dispatched by the `type` in their data; types that are new since are read over. */
function createEventReader(context: DecodeContext): EventReader {
  const { isNative } = context
  const provider = context.target.provider.name
  const content = isNative ? undefined : createStreamedContent(context)
  let hasStarted = false

  const reader: Writable<EventReader> = {
    hasSpoken: false,
    hasEnded: false,
    read(frame, events) {
      // Frequent frames; who gets the bytes as they are needs nothing of them but their count.
      if (!content && reader.hasSpoken && frame.event !== undefined && contentEvents.has(frame.event)) {
        return 'content'
      }
      if (frame.data === '[DONE]') {
        if (reader.hasEnded) return 'end'
        throw streamCut(provider)
      }
      // A native caller still waits for the marker; whatever else comes is no part of the message.
      if (frame.data === '' || reader.hasEnded) return 'other'
      const data = frameObject(frame, provider)
      const type = asString(data['type'])
      if (type === 'message-start') {
        if (hasStarted) throw malformed('The stream starts a second message.', provider)
        hasStarted = true
        events.push({ type: 'start', id: asString(data['id']) ?? '', model: '' })
        return 'other'
      }
      if (type === undefined || type === 'error') throwError(data, provider)
      if (!hasStarted) throw unstarted(provider)
      if (type === 'message-end') {
        content?.finish(events)
        readEnd(data, events, provider)
        reader.hasEnded = true
        // A native caller waits for the marker that follows; nobody else needs it.
        return isNative ? 'other' : 'end'
      }
      const isContent = content ? content.read(type, data, events) : saysSomething(type, data)
      reader.hasSpoken ||= isContent
      return isContent ? 'content' : 'other'
    },
  }
  return reader
}

/** A piece of content may be empty: then the answer has not begun. */
function saysSomething(type: string, data: JsonObject): boolean {
  if (!contentEvents.has(type)) return false
  const message = asObject(asObject(data['delta'])?.['message'])
  const content = asObject(message?.['content'])
  return Boolean(
    type === 'tool-call-delta' ||
    asString(message?.['tool_plan']) ||
    asString(content?.['text']) ||
    asString(content?.['thinking']),
  )
}

const unstarted = (provider: string) =>
  malformed('The stream does not begin with the start of a message.', provider)

/** A frame without a type of its own is an error body that came into a stream already begun. */
function throwError(data: JsonObject, provider: string): never {
  const message = asString(data['message']) ?? asString(data['error'])
  if (message === undefined) throw malformed('An event of the stream has no type.', provider)
  throw failureProblem(null, message, provider)
}

/** Usage counts even when the answer failed, which `error` or the reason says. */
function readEnd(data: JsonObject, events: ChatEvent[], provider: string): void {
  const delta = asObject(data['delta']) ?? {}
  const usage = asObject(delta['usage'])
  if (usage) events.push({ type: 'usage', usage: usageOf(usage) })
  const finish = finishOf(delta['finish_reason'])
  const error = asString(delta['error'])
  if (finish.unified === 'error' || (error !== undefined && finish.unified !== 'content_filter')) {
    throw failureProblem(finish.raw, error, provider)
  }
  events.push({ type: 'finish', choice: 0, finish })
}

interface StreamedContent {
  /** Returns whether the event was content. */
  read(type: string, data: JsonObject, events: ChatEvent[]): boolean
  finish(events: ChatEvent[]): void
}

function createStreamedContent(context: DecodeContext): StreamedContent {
  const calls = createStreamedCalls(context)
  const logprobItems: JsonValue[] = []
  let begins = false

  const addText = (item: JsonObject | undefined, events: ChatEvent[]): boolean => {
    const text = asString(item?.['text'])
    const thinking = asString(item?.['thinking'])
    const mark = begins ? { begins: true } : {}
    if (text) events.push({ type: 'text-delta', choice: 0, text, ...mark })
    if (thinking) events.push({ type: 'reasoning-delta', choice: 0, text: thinking, ...mark })
    if (text || thinking) begins = false
    return Boolean(text || thinking)
  }

  return {
    read(type, data, events) {
      const message = asObject(asObject(data['delta'])?.['message'])
      switch (type) {
        case 'content-start':
          begins = true
          return addText(asObject(message?.['content']), events)
        case 'content-delta':
          if (asObject(data['logprobs'])) logprobItems.push(data['logprobs'] ?? null)
          return addText(asObject(message?.['content']), events)
        case 'tool-plan-delta': {
          const text = asString(message?.['tool_plan'])
          if (text) events.push({ type: 'text-delta', choice: 0, text, isToolPlan: true })
          return Boolean(text)
        }
        case 'tool-call-start':
          calls.start(data['index'], firstCall(message), events)
          return true
        case 'tool-call-delta':
          calls.delta(data['index'], firstCall(message), events)
          return true
        case 'tool-call-end':
          calls.end(data['index'], events)
          return false
        case 'citation-start': {
          const citation = citationOf(first(message?.['citations']))
          if (citation) events.push({ type: 'citation', choice: 0, citation })
          return false
        }
        default:
          return false
      }
    },
    finish(events) {
      calls.endAll(events)
      const logprobs = logprobsOf(logprobItems)
      if (logprobs) events.push({ type: 'logprobs', choice: 0, logprobs })
    },
  }
}

/** In a stream Cohere writes one object where the whole reply has a list. */
const first = (value: JsonValue | undefined): JsonValue | undefined =>
  Array.isArray(value) ? asArray(value)[0] : value

const firstCall = (message: JsonObject | undefined): JsonObject =>
  asObject(first(message?.['tool_calls'])) ?? {}

function malformed(detail: string, provider: string): Problem {
  return new Problem('provider_malformed', { detail, provider })
}
