/** The common words of a streamed answer as events of Cohere's Chat API, in the order that its clients expect. */
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'
import type { ChatEvent, Finish, Logprobs } from '#core/domain/answer.ts'
import type { MediaPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'
import { finishWord, writeMedia, writeUsage } from '#http/cohere/answer-words.ts'
import { createCallFrames } from '#http/cohere/call-frames.ts'
import { createContentFrames } from '#http/cohere/content-frames.ts'
import { streamFrame } from '#http/cohere/stream-frame.ts'

export interface WordFrames {
  framesOf(events: readonly ChatEvent[]): string
  /** Everything that a complete stream still owes before its end marker. */
  end(usage: Usage): string
  /** Ends what may be ended of a broken answer. A call stays open: nobody must run half a call. */
  breakOff(): string
}

export function createWordFrames(id: string): WordFrames {
  const told = createTold()
  let isStarted = false
  const started = (frames: string): string => {
    if (isStarted || frames === '') return frames
    isStarted = true
    return startFrame(id) + frames
  }
  return {
    framesOf(events) {
      let frames = ''
      for (const event of events) if (isOfFirst(event)) frames += writeEvent(told, event)
      return started(frames + told.calls.flush())
    },
    end: (usage) => started(writeEnd(told, usage)),
    breakOff: () => started(told.content.close()),
  }
}

function createTold() {
  return {
    content: createContentFrames(),
    calls: createCallFrames(),
    media: createAnswerBuilder(),
    finish: { unified: 'other', raw: null } as Finish,
    logprobs: undefined as Logprobs | undefined,
  }
}

type Told = ReturnType<typeof createTold>

/** Cohere gives one answer; events of the whole stream have no number. */
const isOfFirst = (event: ChatEvent) => !('choice' in event) || event.choice === 0

/** What is said of calls goes out before more content does, and otherwise at the end of the batch. */
function writeEvent(told: Told, event: ChatEvent): string {
  const { content, calls, media } = told
  switch (event.type) {
    case 'text-delta':
      if (event.isToolPlan) return calls.flush() + content.plan(event.text)
      return calls.flush() + content.piece('text', event.text, event.begins === true)
    case 'reasoning-delta':
      return calls.flush() + content.piece('thinking', event.text, event.begins === true)
    case 'refusal-delta':
      return calls.flush() + content.piece('refusal', event.text, false)
    case 'carry':
      if (event.call === undefined) return content.carry(event.carry)
      calls.carry(event.call, event.carry)
      return ''
    case 'citation':
      return content.citation(event.citation)
    case 'tool-call-start':
      calls.start(event)
      return content.close()
    case 'tool-call-delta':
      calls.delta(event.call, event.argumentsText)
      return ''
    case 'part':
    case 'media-delta':
      media.add(event)
      return ''
    case 'logprobs':
      // Cumulative: the last one counts.
      told.logprobs = event.logprobs
      return ''
    case 'finish':
      told.finish = event.finish
      return ''
    case 'start':
    case 'usage':
    case 'extras':
    case 'native':
    case 'resumed':
      return ''
  }
}

function writeEnd({ content, calls, media, finish, logprobs }: Told, usage: Usage): string {
  const tokens = logprobs ? content.logprobs(logprobs) : ''
  const produced = writeMedia(mediaOf(media.build().choices[0]?.parts ?? []))
  const message = Object.keys(produced).length > 0 ? { message: produced } : {}
  const finish_reason = finishWord(finish, calls.hasCalls())
  const end = messageEnd({ finish_reason, usage: writeUsage(usage), ...message })
  return tokens + content.close() + calls.finish() + end
}

const startFrame = (id: string) =>
  `event: message-start\ndata: {"id":${JSON.stringify(id)},"type":"message-start","delta":{"message":` +
  '{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}\n\n'

export const messageEnd = (delta: JsonObject) => streamFrame('message-end', JSON.stringify({ delta }))

function mediaOf(parts: readonly { readonly type: string }[]): readonly MediaPart[] {
  return parts.filter((part): part is MediaPart => part.type === 'image' || part.type === 'audio')
}
