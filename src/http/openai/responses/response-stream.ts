/** A streamed response as server-sent events: native bytes straight through, or words by the grammar. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { createResponseFrames } from '#http/openai/responses/response-frames.ts'
import type { ResponseHead } from '#http/openai/responses/response-object.ts'
import type { StreamForm } from '#http/stream-form.ts'

/** One stream's frames. Once native bytes have come, words are not written: they would say everything twice. */
export function createResponseForm(head: ResponseHead): StreamForm {
  const words = createResponseFrames(head)
  let lastNative: Uint8Array | undefined

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    batch(events, receipt) {
      const native = nativeBytes(events)
      for (const event of events) if (event.type === 'start') words.start(event)
      if (native) {
        lastNative = native
        return native
      }
      return lastNative ? undefined : words.batch(events, receipt)
    },
    end: (receipt) => (lastNative ? '' : words.end(receipt)),
    fail: (problem) => words.fail(problem, lastNative && lastSequenceNumber(lastNative) + 1),
  }
}

const sequenceMember = '"sequence_number":'

/** Of the last event that passed; -1 when the bytes name none. */
function lastSequenceNumber(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const at = text.lastIndexOf(sequenceMember)
  const number = at < 0 ? Number.NaN : Number.parseInt(text.slice(at + sequenceMember.length, at + 40), 10)
  return Number.isNaN(number) ? -1 : number
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
