/** A streamed answer in the form of Cohere's Chat API: native bytes straight through, or words by the grammar. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import { writeUsage } from '#http/cohere/answer-words.ts'
import { doneFrame } from '#http/cohere/stream-frame.ts'
import { createWordFrames, messageEnd } from '#http/cohere/word-frames.ts'
import { sentenceWithAdvice } from '#http/problem-sentence.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { StreamForm } from '#http/stream-form.ts'

const doneMarker = Buffer.from('[DONE]')
/** How far from the end of the last bytes the marker may stand. */
const doneWithin = 32

/**
 * One stream's frames. Once native bytes have come, words are not written: they would say everything twice.
 * A break is told as the message's end, with the reason `ERROR` and an `error` in words; clients know no other event.
 */
export function createCohereForm(id: string): StreamForm {
  const words = createWordFrames(id)
  let usage: Usage = unknownUsage
  let lastNative: Uint8Array | undefined

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    batch(events, receipt) {
      usage = receipt.usage
      const native = nativeBytes(events)
      if (native) {
        lastNative = native
        return native
      }
      const resumed = resumedIn(events)
      if (resumed) {
        // What was passed on as bytes stands as if it had been written: the next words go into the open block.
        if (lastNative) words.framesOf(resumed.said)
        lastNative = undefined
        return resumedComment(resumed)
      }
      return lastNative ? undefined : words.framesOf(events)
    },
    end(receipt) {
      if (!lastNative) return words.end(receipt.usage) + doneFrame
      return endsWithDone(lastNative) ? '' : doneFrame
    },
    fail(problem) {
      const delta = { finish_reason: 'ERROR', error: sentenceWithAdvice(problem), usage: writeUsage(usage) }
      return (lastNative ? '' : words.breakOff()) + messageEnd(delta) + doneFrame
    },
  }
}

function nativeBytes(events: readonly ChatEvent[]): Uint8Array | undefined {
  let first: Uint8Array | undefined
  let all: Uint8Array[] | undefined
  for (const event of events) {
    if (event.type !== 'native' || event.dialect !== 'cohere-chat') continue
    if (!first) first = event.bytes
    else (all ??= [first]).push(event.bytes)
  }
  return all ? Buffer.concat(all) : first
}

function endsWithDone(bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-doneWithin)
  return tail.includes(doneMarker)
}
