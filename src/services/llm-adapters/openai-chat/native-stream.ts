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
  const meter = new ChunkMeter(context)
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

class ChunkMeter {
  readonly #context: DecodeContext
  readonly #begun = new Set<number>()
  readonly #finished = new Set<number>()
  readonly #calling = new Set<number>()
  #isStarted = false

  constructor(context: DecodeContext) {
    this.#context = context
  }

  /** Something of the first choice has been read, so that its end will be known. */
  get hasBegun(): boolean {
    return this.#begun.has(0)
  }

  /** The first choice is known to have tool calls. */
  get isCalling(): boolean {
    return this.#calling.has(0)
  }

  get isFinished(): boolean {
    return this.#finished.size > 0 && this.#finished.size >= this.#begun.size
  }

  read(frame: Frame, chunk: JsonObject, events: ChatEvent[]): StreamStep {
    const { target, isUsageWanted } = this.#context
    const choices = asArray(chunk['choices']).map((choice) => asObject(choice) ?? {})
    if (!this.#isStarted && (choices.length > 0 || chunk['id'])) {
      this.#isStarted = true
      events.push(startOf(chunk))
    }
    const usage = hasUsage(chunk) ? usageOfChat(chunk, target.provider.quirks) : undefined
    const failure = errorOf(chunk, this.#context)
    const isWithheld = usage !== undefined && choices.length === 0 && !isUsageWanted
    if (!failure && !isWithheld) passFrame(frame, 'openai-chat', choices.some(hasContent) ? 1 : 0, events)
    for (const choice of choices) this.#readChoice(choice, events)
    if (usage) events.push({ type: 'usage', usage })
    return failure ?? 'more'
  }

  done(frame: Frame, events: ChatEvent[]): StreamStep {
    if (!this.#isStarted) return malformed('The provider ended its stream without an answer.')
    for (const choice of this.#begun) this.#finish(choice, null, events)
    passFrame(frame, 'openai-chat', 0, events)
    return 'complete'
  }

  #readChoice(choice: JsonObject, events: ChatEvent[]): void {
    const index = asCount(choice['index']) ?? 0
    this.#begun.add(index)
    const raw = asString(choice['finish_reason'])
    if (asArray(asObject(choice['delta'])?.['tool_calls']).length > 0) this.#calling.add(index)
    if (raw !== undefined) this.#finish(index, raw, events)
  }

  #finish(choice: number, raw: string | null, events: ChatEvent[]): void {
    if (this.#finished.has(choice)) return
    this.#finished.add(choice)
    events.push({ type: 'finish', choice, finish: finishOfChat(raw, this.#calling.has(choice)) })
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
