/** A streamed answer as server-sent events or as one JSON array: native frames straight through, or words by the grammar. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { geminiProblem } from '#http/gemini/gemini-problem.ts'
import { createElementReader } from '#http/gemini/native-elements.ts'
import { createResponseWriter } from '#http/gemini/response-writer.ts'
import type { ResponseHead } from '#http/gemini/response-writer.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { ResumedEvent, StreamForm } from '#http/stream-form.ts'

/** What a stream is made of around its objects. */
interface Framing {
  readonly contentType: string
  readonly heartbeat: string
  /** What may be said beside the objects; empty where there is no place for it. */
  readonly comment: (resumed: ResumedEvent) => string
  readonly before: (isFirst: boolean) => string
  readonly after: string
  readonly closing: (isEmpty: boolean) => string
}

/** Lines end as the API's own do. There is no closing mark: clients take one for an answer that is no JSON. */
const eventFraming: Framing = {
  contentType: 'text/event-stream; charset=utf-8',
  heartbeat: ': keep-alive\r\n\r\n',
  comment: (resumed) => resumedComment(resumed).replaceAll('\n', '\r\n'),
  before: () => 'data: ',
  after: '\r\n\r\n',
  closing: () => '',
}

const arrayFraming: Framing = {
  contentType: 'application/json; charset=utf-8',
  heartbeat: '\n',
  comment: () => '',
  before: (isFirst) => (isFirst ? '[' : ',\r\n'),
  after: '',
  closing: (isEmpty) => (isEmpty ? '[]\n' : ']\n'),
}

/** With `alt=sse`. */
export function createEventForm(head: ResponseHead): StreamForm {
  return createForm(head, eventFraming, (bytes) => bytes)
}

/** Without it: an array whose elements come one by one. */
export function createArrayForm(head: ResponseHead): StreamForm {
  return createForm(head, arrayFraming, undefined)
}

type PassNative = (bytes: Uint8Array) => Uint8Array

/** Once native bytes have come, words are not written: they would say everything twice. */
function createForm(head: ResponseHead, framing: Framing, passNative: PassNative | undefined): StreamForm {
  const writer = createResponseWriter(head)
  const elements = passNative ? undefined : createElementReader()
  let isNative = false
  let isEmpty = true

  const framed = (object: string): string => {
    const text = framing.before(isEmpty) + object + framing.after
    isEmpty = false
    return text
  }
  const framedAll = (objects: readonly string[]): string => objects.map(framed).join('')

  return {
    contentType: framing.contentType,
    heartbeat: framing.heartbeat,
    batch(events, receipt) {
      const native = nativeBytes(events)
      if (native) {
        isNative = true
        return passNative ? passNative(native) : framedAll(elements?.push(native) ?? [])
      }
      const resumed = resumedIn(events)
      if (resumed) {
        if (isNative) writer.resume(resumed, receipt)
        isNative = false
        return framing.comment(resumed)
      }
      if (isNative) return undefined
      const object = writer.next(events, receipt)
      return object === undefined ? undefined : framed(object)
    },
    end(receipt) {
      const rest = isNative ? framedAll(elements?.end() ?? []) : framed(writer.last(receipt))
      return rest + framing.closing(isEmpty)
    },
    fail: (problem) => framed(JSON.stringify(geminiProblem(problem).body)) + framing.closing(false),
  }
}

function nativeBytes(events: readonly ChatEvent[]): Uint8Array | undefined {
  let first: Uint8Array | undefined
  let all: Uint8Array[] | undefined
  for (const event of events) {
    if (event.type !== 'native' || event.dialect !== 'gemini-generate') continue
    if (!first) first = event.bytes
    else (all ??= [first]).push(event.bytes)
  }
  return all ? Buffer.concat(all) : first
}
