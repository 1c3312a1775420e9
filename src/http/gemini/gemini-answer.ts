/** A whole answer as one GenerateContentResponse. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { createResponseWriter } from '#http/gemini/response-writer.ts'
import type { ResponseHead } from '#http/gemini/response-writer.ts'
import { eventsOf } from '#http/stream-form.ts'

/** Bytes of a provider that speaks this API pass untouched; everything else is written from the words. */
export function writeResponse(answer: ChatAnswer, receipt: Receipt, head: ResponseHead): Uint8Array {
  if (answer.native?.dialect === 'gemini-generate') return answer.native.bytes
  const writer = createResponseWriter(head)
  writer.hold(eventsOf(answer))
  return Buffer.from(writer.last(receipt))
}
