/** Anthropic's event stream as events of an answer ("Streaming Messages", Claude API reference). */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { extrasOf } from '#services/llm-adapters/anthropic/decode.ts'
import { errorProblem } from '#services/llm-adapters/anthropic/explain.ts'
import { finishOf } from '#services/llm-adapters/anthropic/finish.ts'
import { createStreamedBlocks } from '#services/llm-adapters/anthropic/streamed-blocks.ts'
import { mergedUsage, usageOf } from '#services/llm-adapters/anthropic/usage.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'
import { createDeltaFrameCount } from '#services/llm-adapters/wire/delta-frames.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { passDeltaFrames, passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { FrameHandling } from '#services/llm-adapters/wire/stream-decoder.ts'

export function openAnthropicStream(context: DecodeContext): StreamDecoder {
  const { provider } = context.target
  const reader = createEventReader(context)
  const handling: FrameHandling = {
    frames: createFrameReader({ keepsBytes: context.isNative }),
    readFrame(frame, events) {
      const meaning = reader.read(frame, events)
      passFrame(frame, provider.dialect, meaning === 'content' ? 1 : 0, events)
      return meaning === 'end' ? 'complete' : 'more'
    },
    readEnd: () => streamCut(provider.name),
  }
  if (!context.isNative) return createStreamDecoder(handling)
  const passFrames = passDeltaFrames(provider.dialect, contentFrames, () => reader.hasSpoken)
  return createStreamDecoder({ ...handling, passFrames })
}

const contentFrames = createDeltaFrameCount(['content_block_delta'])

interface EventReader {
  read(frame: Frame, events: ChatEvent[]): EventMeaning
  /** Something was said: what follows is content by its name. */
  readonly hasSpoken: boolean
}

type EventMeaning = 'content' | 'end' | 'other'

/** Frames are dispatched by the `type` in their data; types that are new since are read over. */
function createEventReader(context: DecodeContext): EventReader {
  const provider = context.target.provider.name
  const message = createMessageState(provider)
  const blocks = context.isNative
    ? undefined
    : createStreamedBlocks(
        provider,
        createCallIds(() => context.mintId()),
      )

  const read = (frame: Frame, events: ChatEvent[]): EventMeaning => {
    // The one frequent frame; who gets the bytes as they are needs nothing of it but its count.
    if (!blocks && reader.hasSpoken && frame.event === 'content_block_delta') return 'content'
    if (frame.data === '' || frame.event === 'ping') return 'other'
    const data = frameObject(frame, provider)
    switch (asString(data['type'])) {
      case 'message_start': {
        const started = message.start(data, events)
        blocks?.prefilled(started['content'], events)
        return 'other'
      }
      case 'content_block_start':
        message.requireStart()
        return meaningOf(blocks ? blocks.start(data, events) : isWholeBlock(data))
      case 'content_block_delta':
        message.requireStart()
        blocks?.delta(data, events)
        return meaningOf(saysSomething(data))
      case 'content_block_stop':
        blocks?.stop(data['index'], events)
        return 'other'
      case 'message_delta':
        message.delta(data, events)
        return 'other'
      case 'message_stop':
        message.requireStart()
        blocks?.stopAll(events)
        message.stop(events)
        return 'end'
      case 'error':
        throw errorProblem(data, undefined, provider)
      default:
        return 'other'
    }
  }
  const reader: Writable<EventReader> = {
    hasSpoken: false,
    read(frame, events) {
      const meaning = read(frame, events)
      reader.hasSpoken ||= meaning === 'content'
      return meaning
    },
  }
  return reader
}

/** A piece of text or thinking may be empty: then the answer has not begun. */
function saysSomething(data: JsonObject): boolean {
  const delta = asObject(data['delta'])
  switch (delta?.['type']) {
    case 'text_delta':
      return delta['text'] !== ''
    case 'thinking_delta':
      return delta['thinking'] !== ''
    default:
      return true
  }
}

const meaningOf = (isContent: boolean): EventMeaning => (isContent ? 'content' : 'other')

/** Text and thinking begin empty; every other block shows something as soon as it starts. */
function isWholeBlock(data: JsonObject): boolean {
  const type = asObject(data['content_block'])?.['type']
  return type !== 'text' && type !== 'thinking'
}

interface MessageState {
  /** The message as it starts. Throws `provider_malformed` for a second one: two answers were spliced. */
  start(data: JsonObject, events: ChatEvent[]): JsonObject
  delta(data: JsonObject, events: ChatEvent[]): void
  stop(events: ChatEvent[]): void
  requireStart(): void
}

/** What is said about the message around its blocks. */
function createMessageState(provider: string): MessageState {
  let usage: JsonObject = {}
  let finish: Finish = { unified: 'other', raw: null }
  let isStarted = false

  const malformed = (detail: string) => new Problem('provider_malformed', { detail, provider })
  const addExtras = (source: JsonObject, events: ChatEvent[]) => {
    const extras = extrasOf(source)
    if (extras) events.push({ type: 'extras', extras })
  }

  return {
    start(data, events) {
      if (isStarted) throw malformed('The stream starts a second message before the first has ended.')
      const message = asObject(data['message'])
      if (!message) throw malformed('The stream starts without a message.')
      isStarted = true
      events.push({
        type: 'start',
        id: asString(message['id']) ?? '',
        model: asString(message['model']) ?? '',
      })
      usage = asObject(message['usage']) ?? {}
      events.push({ type: 'usage', usage: usageOf(usage) })
      addExtras(message, events)
      return message
    },
    delta(data, events) {
      this.requireStart()
      const delta = asObject(data['delta']) ?? {}
      if (delta['stop_reason'] !== null && delta['stop_reason'] !== undefined) finish = finishOf(delta)
      const later = asObject(data['usage'])
      if (later) {
        usage = mergedUsage(usage, later)
        events.push({ type: 'usage', usage: usageOf(usage) })
      }
      addExtras(delta, events)
      if (data['context_management']) {
        events.push({ type: 'extras', extras: { context_management: data['context_management'] } })
      }
    },
    stop(events) {
      events.push({ type: 'finish', choice: 0, finish })
    },
    requireStart() {
      if (!isStarted) throw malformed('The stream does not begin with the start of a message.')
    },
  }
}
