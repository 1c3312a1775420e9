/** A streamed chat completion passed on as it came, read only as far as metering and failures need. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { DecodeContext, StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { malformed } from '#services/llm-adapters/openai-chat/decode.ts'
import { plainFramesOf } from '#services/llm-adapters/openai-chat/plain-chunk.ts'
import { finishOfChat } from '#services/llm-adapters/openai-chat/read-finish.ts'
import { hasUsage, usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'
import { errorOf, failureOf, startOf } from '#services/llm-adapters/openai-chat/stream.ts'
import { frameObject } from '#services/llm-adapters/wire/frame-object.ts'
import { passFrame } from '#services/llm-adapters/wire/pass-frame.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { createStreamDecoder, streamCut } from '#services/llm-adapters/wire/stream-decoder.ts'
import type { StreamStep } from '#services/llm-adapters/wire/stream-decoder.ts'

/** Frames with failures are kept back, and so is the usage chunk when the caller did not ask for it. */
export function openNativeStream(context: DecodeContext): StreamDecoder {
  const meter = createChunkMeter(context)
  return createStreamDecoder({
    frames: createFrameReader({ keepsBytes: true }),
    passFrames(chunk, events) {
      if (!meter.hasBegun) return 0
      const { frames, bytes } = plainFramesOf(chunk, meter.isCalling)
      if (bytes > 0) {
        events.push({
          type: 'native',
          dialect: 'openai-chat',
          bytes: chunk.subarray(0, bytes),
          deltas: frames,
        })
      }
      return bytes
    },
    readFrame(frame, events) {
      if (frame.data === '[DONE]') return meter.done(frame, events)
      const failure = failureOf(frame, context)
      if (failure) return failure
      const chunk = frameObject(frame, context.target.provider.name)
      return meter.read(frame, chunk, events)
    },
    readEnd: () => (meter.isFinished ? 'complete' : streamCut(context.target.provider.name)),
  })
}

interface ChunkMeter {
  read(frame: Frame, chunk: JsonObject, events: ChatEvent[]): StreamStep
  done(frame: Frame, events: ChatEvent[]): StreamStep
  /** Something of the first choice has been read, so that its end will be known. */
  readonly hasBegun: boolean
  /** The first choice is known to have tool calls. */
  readonly isCalling: boolean
  readonly isFinished: boolean
}

function createChunkMeter(context: DecodeContext): ChunkMeter {
  const begun = new Set<number>()
  const finished = new Set<number>()
  const calling = new Set<number>()
  let isStarted = false

  const finish = (choice: number, raw: string | null, events: ChatEvent[]): void => {
    if (finished.has(choice)) return
    finished.add(choice)
    events.push({ type: 'finish', choice, finish: finishOfChat(raw, calling.has(choice)) })
  }

  const readChoices = (choices: readonly JsonObject[], events: ChatEvent[]): void => {
    for (const choice of choices) {
      const index = asCount(choice['index']) ?? 0
      begun.add(index)
      const raw = asString(choice['finish_reason'])
      if (asArray(asObject(choice['delta'])?.['tool_calls']).length > 0) calling.add(index)
      if (raw !== undefined) finish(index, raw, events)
    }
  }

  return {
    read(frame, chunk, events) {
      const choices = asArray(chunk['choices']).map((choice) => asObject(choice) ?? {})
      if (!isStarted && (choices.length > 0 || chunk['id'])) {
        isStarted = true
        events.push(startOf(chunk))
      }
      const usage = hasUsage(chunk) ? usageOfChat(chunk, context.target.provider.quirks) : undefined
      const failure = errorOf(chunk, context)
      const isWithheld = usage !== undefined && choices.length === 0 && !context.isUsageWanted
      if (!failure && !isWithheld) passFrame(frame, 'openai-chat', choices.some(hasContent) ? 1 : 0, events)
      readChoices(choices, events)
      if (usage) events.push({ type: 'usage', usage })
      return failure ?? 'more'
    },
    done(frame, events) {
      if (!isStarted) return malformed('The provider ended its stream without an answer.')
      for (const choice of begun) finish(choice, null, events)
      passFrame(frame, 'openai-chat', 0, events)
      return 'complete'
    },
    get hasBegun() {
      return begun.has(0)
    },
    get isCalling() {
      return calling.has(0)
    },
    get isFinished() {
      return finished.size > 0 && finished.size >= begun.size
    },
  }
}

/** Whether a choice's delta says more than its role. */
function hasContent(choice: JsonObject): boolean {
  const delta = asObject(choice['delta'])
  for (const name in delta) {
    const value = delta[name]
    if (name === 'role' || value === null || value === undefined || value === '') continue
    if (!Array.isArray(value) || value.length > 0) return true
  }
  return false
}
