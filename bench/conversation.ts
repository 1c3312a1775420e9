/**
 * The bytes that the load generator and the provider double exchange, and the marks in them by which every
 * answer and every streamed event is recognised on its way back.
 *
 * A mark is `~` + fixed-width letters a to p (four bits each) + `~`. Letters, because digits could be taken for
 * a telephone number and be redacted on the way; `~`, because JSON never escapes it.
 */

export type Kind = 'whole' | 'paced' | 'burst'

export const chunksPerStream = 100
export const chunkGapMs = 5
export const bodyBytes = 1024
export const tilde = 0x7e
export const requestNumberLetters = 8
export const sequenceLetters = 2
export const timeLetters = 12
/** Letters between the tildes of an event's mark: its place in the stream, then its time of writing in microseconds. */
export const eventMarkLetters = sequenceLetters + timeLetters

const kindLetters: Record<Kind, string> = { whole: 'w', paced: 'y', burst: 'z' }
const letterA = 97

/** Writes `value` as `count` letters at `offset`, most significant first. `value` must be below 16 ** count. */
export function writeLetters(buffer: Buffer, offset: number, count: number, value: number): void {
  let rest = value
  for (let at = offset + count - 1; at >= offset; at--) {
    buffer[at] = letterA + (rest % 16)
    rest = Math.floor(rest / 16)
  }
}

/** Reads `count` letters at `offset`; NaN when something else stands there. */
export function readLetters(buffer: Buffer, offset: number, count: number): number {
  let value = 0
  for (let at = offset; at < offset + count; at++) {
    const digit = (buffer[at] ?? 0) - letterA
    if (digit < 0 || digit > 15) return Number.NaN
    value = value * 16 + digit
  }
  return value
}

/** The clock of both ends, which live in one process. Microseconds. */
export function nowMicros(): number {
  return Math.floor(performance.now() * 1000)
}

const filler =
  'The signaller sets the road before the train arrives, keeps every movement apart, and writes each one in the register. '

/** Text of exactly so many bytes, as `render` puts it around filling words. */
export function paddedTo(bytes: number, render: (text: string) => string): Buffer {
  const missing = bytes - Buffer.byteLength(render(''))
  if (missing < 0) throw new Error(`the frame alone is longer than ${bytes} bytes`)
  return Buffer.from(render(filler.repeat(Math.ceil(missing / filler.length)).slice(0, missing)))
}

export const instruction = 'Answer in one paragraph.'

/** A request of exactly 1,024 bytes, and where its number is to be written; `render` puts the words into an API's form. */
export function markedRequest(
  kind: Kind,
  render: (text: string) => object,
): { body: Buffer; numberOffset: number } {
  const mark = `~${kindLetters[kind]}${'a'.repeat(requestNumberLetters)}~`
  const body = paddedTo(bodyBytes, (text) => JSON.stringify(render(`${mark} ${text}`)))
  return { body, numberOffset: body.indexOf(tilde) + 2 }
}

/** A chat request. */
export function requestBody(kind: Kind, model = 'gpt-4o-mini'): { body: Buffer; numberOffset: number } {
  const streamed = { stream: true, stream_options: { include_usage: true } }
  return markedRequest(kind, (text) => ({
    model,
    max_tokens: 256,
    ...(kind === 'whole' ? {} : streamed),
    messages: [
      { role: 'system', content: instruction },
      { role: 'user', content: text },
    ],
  }))
}

/** What the provider double reads out of a request: how to answer, and the number to answer with. */
export function readRequestMark(body: Buffer): { kind: Kind; number: Buffer } | undefined {
  const at = body.indexOf(tilde)
  if (at < 0 || body[at + requestNumberLetters + 2] !== tilde) return undefined
  const letter = String.fromCharCode(body[at + 1] ?? 0)
  const kind = (['whole', 'paced', 'burst'] as const).find((name) => kindLetters[name] === letter)
  return kind && { kind, number: body.subarray(at + 2, at + 2 + requestNumberLetters) }
}

const usage = {
  prompt_tokens: 230,
  completion_tokens: chunksPerStream,
  total_tokens: 230 + chunksPerStream,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
}
const identity = { id: 'chatcmpl-bench', created: 1760000000, model: 'gpt-4o-mini-2024-07-18' }

/** A whole answer of exactly 1,024 bytes with its head, and where the number of the request goes. */
export function wholeAnswer(): { bytes: Buffer; numberOffset: number } {
  return markedAnswer((text) => ({
    ...identity,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage,
  }))
}

/** The same in any API's form. */
export function markedAnswer(render: (text: string) => object): { bytes: Buffer; numberOffset: number } {
  const mark = `~${'a'.repeat(requestNumberLetters)}~`
  const body = paddedTo(bodyBytes, (text) => JSON.stringify(render(`${mark} ${text}`)))
  const head =
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\n' +
    `content-length: ${body.length}\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(head), body])
  return { bytes, numberOffset: bytes.indexOf(tilde) + 1 }
}

export const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
    'x-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n',
)

/** One HTTP chunk. */
export function framed(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}

function eventText(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }]
  return `data: ${JSON.stringify({ ...identity, object: 'chat.completion.chunk', choices })}\n\n`
}

/** Each of the 100 events as an HTTP chunk of its own, and where in it the time of writing goes. */
export function streamEvents(): Array<{ bytes: Buffer; timeOffset: number }> {
  return markedEvents((mark, place) =>
    eventText(place === 0 ? { role: 'assistant', content: mark } : { content: mark }, null),
  )
}

/** The same in any API's form. */
export function markedEvents(
  render: (mark: string, place: number) => string,
): Array<{ bytes: Buffer; timeOffset: number }> {
  return Array.from({ length: chunksPerStream }, (_, place) => {
    const bytes = framed(render(`~${'a'.repeat(eventMarkLetters)}~`, place))
    const at = bytes.indexOf(tilde) + 1
    writeLetters(bytes, at, sequenceLetters, place)
    return { bytes, timeOffset: at + sequenceLetters }
  })
}

/** What ends a stream: the finish reason, the usage, the terminator and the last HTTP chunk. */
export function streamEnd(): Buffer {
  const usageEvent = { ...identity, object: 'chat.completion.chunk', choices: [], usage }
  const texts = [eventText({}, 'stop'), `data: ${JSON.stringify(usageEvent)}\n\n`, 'data: [DONE]\n\n']
  return Buffer.concat([...texts.map(framed), Buffer.from('0\r\n\r\n')])
}
