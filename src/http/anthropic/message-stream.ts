/** A streamed answer as the events of the Messages API: native bytes straight through, or words by the grammar. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { anthropicProblem } from '#http/anthropic/anthropic-problem.ts'
import { createBlockStream } from '#http/anthropic/block-stream.ts'
import { frame } from '#http/anthropic/frame-writer.ts'
import { openingMembers } from '#http/anthropic/message-answer.ts'
import type { MessageHead } from '#http/anthropic/message-answer.ts'
import { writeCounts, writeUsage } from '#http/anthropic/message-usage.ts'
import { stopWords } from '#http/anthropic/stop-reason.ts'
import type { Ending, StopWords } from '#http/anthropic/stop-reason.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { StreamForm } from '#http/stream-form.ts'

const pingFrame = frame('ping', '')

/** One stream's events. Once native bytes have come, words are not written: they would say everything twice. */
export function createMessageForm(head: MessageHead): StreamForm {
  const words = createWordFrames(head)
  let isNative = false
  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: pingFrame,
    batch(events, receipt) {
      const native = nativeBytes(events)
      if (native) {
        isNative = true
        return native
      }
      const resumed = resumedIn(events)
      if (resumed) {
        // What was passed on as bytes stands as if it had been written: the next words go into the open block.
        if (isNative) for (const event of resumed.said) words.framesOf(event, receipt)
        isNative = false
        return resumedComment(resumed)
      }
      if (isNative) return undefined
      words.note(events)
      let text = ''
      for (const event of events) text += words.framesOf(event, receipt)
      return text
    },
    end: (receipt) => (isNative ? '' : words.end(receipt)),
    fail: errorFrame,
  }
}

function errorFrame(problem: Problem, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(anthropicProblem(problem, requestId).body)}\n\n`
}

function createWordFrames(head: MessageHead) {
  const blocks = createBlockStream()
  let isStarted = false
  let finish: Finish = { unified: 'other', raw: null }
  let refusal = ''
  let usage: Usage | undefined

  const started = (model: string): string => {
    if (isStarted) return ''
    isStarted = true
    return startFrames(head, model, usage)
  }

  return {
    /** A count that comes with the first words is the better one to start with. */
    note(events: readonly ChatEvent[]): void {
      if (isStarted) return
      for (const event of events) {
        if (event.type === 'usage' && event.usage.inputTokens !== null) {
          usage = { ...event.usage, outputTokens: 0, reasoningTokens: null }
        }
      }
    },
    framesOf(event: ChatEvent, receipt: Receipt): string {
      switch (event.type) {
        case 'start':
          return started(event.model || receipt.model)
        case 'usage':
        case 'extras':
        case 'native':
        case 'resumed':
        case 'logprobs':
          return ''
        case 'finish':
          if (event.choice !== 0) return ''
          finish = event.finish
          return started(receipt.model) + blocks.close()
        default:
          if (event.choice !== 0) return ''
          if (event.type === 'refusal-delta') refusal += event.text
          return started(receipt.model) + blocks.add(event)
      }
    },
    /** What a complete stream still owes. */
    end(receipt: Receipt): string {
      const before = started(receipt.model) + blocks.close()
      const { stopSequences } = head
      return before + endFrames({ finish, hasCalls: blocks.hasCalls, refusal, stopSequences }, receipt)
    },
  }
}

function startFrames(head: MessageHead, model: string, counted: Usage | undefined): string {
  const usage = counted ?? { ...unknownUsage, inputTokens: head.estimateInputTokens() }
  const message = {
    ...openingMembers(head.id, model),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: writeUsage(usage),
  }
  return frame('message_start', `,"message":${JSON.stringify(message)}`) + pingFrame
}

/** An error of the model has no word of its own, and is told as a break. */
function endFrames(ending: Ending, receipt: Receipt): string {
  let stop: StopWords
  try {
    stop = stopWords(ending)
  } catch (thrown) {
    return errorFrame(toProblem(thrown), receipt.requestId)
  }
  const counts = JSON.stringify(writeCounts(receipt.usage))
  const delta = JSON.stringify({ ...stop, container: null })
  return frame('message_delta', `,"delta":${delta},"usage":${counts}`) + frame('message_stop', '')
}

function nativeBytes(events: readonly ChatEvent[]): Uint8Array | undefined {
  let first: Uint8Array | undefined
  let all: Uint8Array[] | undefined
  for (const event of events) {
    if (event.type !== 'native' || event.dialect !== 'anthropic-messages') continue
    if (!first) first = event.bytes
    else (all ??= [first]).push(event.bytes)
  }
  return all ? Buffer.concat(all) : first
}
