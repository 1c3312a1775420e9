/** A streamed response as server-sent events: native bytes straight through, or words by the grammar. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import { createPassedLog } from '#http/openai/responses/passed-items.ts'
import type { PassedLog } from '#http/openai/responses/passed-items.ts'
import { createResponseFrames } from '#http/openai/responses/response-frames.ts'
import type { PassedStream } from '#http/openai/responses/response-frames.ts'
import type { ResponseHead } from '#http/openai/responses/response-object.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { ResumedEvent, StreamForm } from '#http/stream-form.ts'

/** One stream's frames. Once native bytes have come, words are not written: they would say everything twice. */
export function createResponseForm(head: ResponseHead): StreamForm {
  const words = createResponseFrames(head)
  const passed = createPassedLog()
  let isNative = false

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    batch(events, receipt) {
      const native = nativeBytes(events)
      for (const event of events) if (event.type === 'start') words.start(event)
      if (native) {
        isNative = true
        passed.add(native)
        return native
      }
      const resumed = resumedIn(events)
      if (resumed) {
        if (isNative) words.resume(streamOf(passed, resumed), receipt)
        isNative = false
        return resumedComment(resumed)
      }
      return isNative ? undefined : words.batch(events, receipt)
    },
    end: (receipt) => (isNative ? '' : words.end(receipt)),
    fail: (problem) => words.fail(problem, isNative ? passed.lastNumber() + 1 : undefined),
  }
}

/** Throws `stream_cut` when the stream has not said where its open message stands. */
function streamOf(log: PassedLog, { said }: ResumedEvent): PassedStream {
  const passed = log.items()
  const last = said.findLast((event) => event.type === 'text-delta')
  if (!passed || last?.type !== 'text-delta') throw new Problem('stream_cut')
  return { passed, nextNumber: log.lastNumber() + 1, text: last.text }
}

function nativeBytes(events: readonly ChatEvent[]): Uint8Array | undefined {
  let first: Uint8Array | undefined
  let all: Uint8Array[] | undefined
  for (const event of events) {
    if (event.type !== 'native' || event.dialect !== 'openai-responses') continue
    if (!first) first = event.bytes
    else (all ??= [first]).push(event.bytes)
  }
  return all ? Buffer.concat(all) : first
}
