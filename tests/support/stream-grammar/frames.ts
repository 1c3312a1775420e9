/** A written event stream taken apart strictly, as it should have been written: what is odd about its frames is a fault. */
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

export interface WrittenFrame {
  /** The `event:` line; undefined when there is none. */
  readonly event: string | undefined
  /** The data as an object; undefined when it is another text. */
  readonly data: JsonObject | undefined
  readonly text: string
}

/** Collects what is wrong with a stream, each as one sentence. */
export interface Faults {
  readonly found: string[]
  require(isRight: boolean, sentence: string): void
}

export function createFaults(): Faults {
  const found: string[] = []
  return {
    found,
    require(isRight, sentence) {
      if (!isRight) found.push(sentence)
    },
  }
}

/** The frames of a stream; comments are left out. */
export function writtenFrames(stream: string, faults: Faults): readonly WrittenFrame[] {
  const frames: WrittenFrame[] = []
  const pieces = stream.split(/\r\n\r\n|\n\n/)
  faults.require(pieces.pop() === '', 'the last frame is not ended')
  for (const piece of pieces) {
    if (piece.startsWith(':')) continue
    const lines = piece.split(/\r\n|\n/)
    const event = lines.find((line) => line.startsWith('event: '))?.slice('event: '.length)
    const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length))
    faults.require(
      lines.length === data.length + (event === undefined ? 0 : 1) && data.length === 1,
      `a frame of other lines than event and data: ${piece.slice(0, 200)}`,
    )
    const text = data.join('\n')
    frames.push({ event, text, data: asObject(parseJson(text)) })
  }
  return frames
}

/** The member at a path of names, as an object. */
export function objectAt(value: JsonObject | undefined, ...path: readonly string[]): JsonObject | undefined {
  let object = value
  for (const name of path) object = asObject(object?.[name])
  return object
}

export const textAt = (value: JsonObject | undefined, name: string): string => asString(value?.[name]) ?? ''

/** A value in a sentence. */
export const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** How a stream was ended by its writer: as a whole answer, or telling a break. */
export type StreamEnding = 'whole' | 'broken'

/** Every way in which a written stream breaks its API's grammar. */
export type CheckGrammar = (stream: string, ending: StreamEnding) => readonly string[]
