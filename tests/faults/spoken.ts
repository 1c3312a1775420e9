/** Replies as bytes on the wire: whole ones, streams, and streams up to a certain place. */
import type { Material } from '#tests/faults/fault-mode.ts'
import {
  awaitReader,
  breathe,
  chunk,
  chunked,
  eventType,
  head,
  jsonType,
  lastChunk,
  reply,
  write,
} from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'

export const streamHead = head(200, { ...eventType, ...chunked })
export const wholeHead = head(200, { ...jsonType, ...chunked })
export const headOf = ({ kind }: Material): string => (kind === 'whole' ? wholeHead : streamHead)

export const wholeText = ({ whole }: Material): string => JSON.stringify(whole)

/** All frames of a sound stream. */
export function framesOf({ stream }: Pick<Material, 'stream'>): readonly string[] {
  const { opening, deltas, ending, terminator } = stream
  return [...opening, ...deltas, ...ending, ...(terminator === undefined ? [] : [terminator])]
}

/** A sound reply of the kind that was asked for. */
export function soundReply(material: Material): readonly WireStep[] {
  if (material.kind === 'whole') return [write(reply(200, material.whole))]
  return [write(streamHead, ...framesOf(material).map(chunk), lastChunk)]
}

/** The sound body of either kind as text. */
export const soundText = (material: Material): string =>
  material.kind === 'whole' ? wholeText(material) : framesOf(material).join('')

/** A stream up to the middle of its words, which the caller has seen before anything more happens. */
export function midStream({ stream }: Material): readonly WireStep[] {
  const { opening, deltas } = stream
  const half = Math.ceil(deltas.length / 2)
  const first = [...opening, ...deltas.slice(0, 1)].map(chunk)
  return [write(streamHead, ...first), awaitReader, write(...deltas.slice(1, half).map(chunk)), breathe]
}

/** The words of a stream that have not been said in its middle. */
export const remaining = ({ stream: { deltas } }: Material): readonly string[] =>
  deltas.slice(Math.ceil(deltas.length / 2))
