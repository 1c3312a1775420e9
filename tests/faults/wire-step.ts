/** What the double does on its socket, step by step, and the HTTP/1.1 bytes that most steps consist of. */
import type { JsonValue } from '#core/domain/json.ts'

export type WireStep =
  | { readonly do: 'write'; readonly bytes: string | Uint8Array }
  /** The same bytes over and over until the other side closes, or `times` often. */
  | {
      readonly do: 'repeat'
      readonly bytes: string | Uint8Array
      readonly everyMs: number
      readonly times?: number
    }
  /** Waits until the caller has been shown something: what follows strikes in mid-answer. */
  | { readonly do: 'await-reader' }
  /** Says nothing until the clock has leapt, and everybody has looked at it. */
  | { readonly do: 'await-leap' }
  /** Does not hear that the other side has closed: goes on writing until it is refused. */
  | { readonly do: 'turn-deaf' }
  /** Lets what was written arrive as a piece of its own. */
  | { readonly do: 'breathe' }
  /** Says nothing any more, and waits for the other side to close. */
  | { readonly do: 'silence' }
  | { readonly do: 'fin' }
  | { readonly do: 'rst' }

export const write = (...parts: ReadonlyArray<string | Uint8Array>): WireStep => ({
  do: 'write',
  bytes: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
})
export const silence: WireStep = { do: 'silence' }
export const fin: WireStep = { do: 'fin' }
export const rst: WireStep = { do: 'rst' }
export const awaitReader: WireStep = { do: 'await-reader' }
export const awaitLeap: WireStep = { do: 'await-leap' }
export const turnDeaf: WireStep = { do: 'turn-deaf' }
export const breathe: WireStep = { do: 'breathe' }
/** Signs of life that never end. */
export const dripping = (bytes: string | Uint8Array): WireStep => ({ do: 'repeat', bytes, everyMs: 25 })
/** As much as the other side takes, at full speed. */
export const flooding = (bytes: string | Uint8Array, times?: number): WireStep => ({
  do: 'repeat',
  bytes,
  everyMs: 0,
  ...(times === undefined ? {} : { times }),
})

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 429: 'Too Many Requests', 500: 'Internal' }

/** A status line and headers, each line ended, the head as well. */
export function head(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${reasons[status] ?? 'Said'}\r\n${lines.join('')}\r\n`
}

export const jsonType = { 'content-type': 'application/json' } as const
export const eventType = { 'content-type': 'text/event-stream; charset=utf-8' } as const
export const chunked = { 'transfer-encoding': 'chunked' } as const

/** One chunk of a chunked body. */
export function chunk(bytes: string | Uint8Array): Buffer {
  const data = Buffer.from(bytes as string)
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])
}
export const lastChunk = '0\r\n\r\n'

/** A whole reply with its length. */
export function reply(
  status: number,
  body: JsonValue | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
  const all = { ...jsonType, 'content-length': String(bytes.length), ...headers }
  return Buffer.concat([Buffer.from(head(status, all)), bytes])
}

/** A whole reply of text that need not be JSON. */
export const textReply = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer => reply(status, Buffer.from(text), headers)
