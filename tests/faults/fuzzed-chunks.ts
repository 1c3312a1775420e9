/** Recorded streams in small pieces, cut off at any byte or spoilt anywhere, through every decoder and every door. */
import type { Dialect } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { createChance } from '#tests/fuzz/chance.ts'
import type { Chance } from '#tests/fuzz/chance.ts'
import { readPieces, streamInputs } from '#tests/fuzz/decoder-subjects.ts'
import { mutateStream } from '#tests/fuzz/frame-mutations.ts'
import { fault } from '#tests/fuzz/fuzz-subject.ts'
import { judgeEvents } from '#tests/fuzz/sound-events.ts'
import { grammarFaults, writeStream } from '#tests/fuzz/written-stream.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'

export interface ChunkCount {
  chunks: number
  streams: number
  /** Streams that were cut before their end, every one of which must be told as broken. */
  cut: number
  /** What the doors made of all streams. */
  readonly endings: Map<string, number>
}

/** Feeds at least so many chunks. Throws at the first thing that must never happen, with the run to repeat. */
export function fuzzChunks(seed: string, chunksWanted: number): ChunkCount {
  const count: ChunkCount = { chunks: 0, streams: 0, cut: 0, endings: new Map() }
  for (let run = 0; count.chunks < chunksWanted; run += 1) {
    try {
      feedOne(createChance(`${seed}/${run}`), count)
    } catch (thrown) {
      throw new Error(`run ${run} of the seed ${seed}`, { cause: thrown })
    }
  }
  return count
}

/** One stream, in pieces of a few bytes to a few hundred, to one door. */
function feedOne(chance: Chance, count: ChunkCount): void {
  const dialect = chance.pick(dialects)
  const door = chance.pick(dialects)
  const input = chance.pick(soundInputs(dialect))
  const isCut = chance.isTrue(0.5)
  const bytes = isCut ? input.subarray(0, chance.below(input.length)) : mutateStream(input, chance)
  const sizes = Array.from({ length: 5 }, () => 1 + chance.below(chance.pick([4, 40, 400])))
  const isNative = dialect === door
  const reading = readPieces(adapters.for(dialect), bytes, { isNative, sizes, quirks: [] })
  const problem = reading.problem === undefined ? undefined : new Problem(reading.problem)
  const answer = judgeEvents(reading.events, bytes.length)
  const written = writeStream(door, reading.batches, { usage: answer.usage, problem })
  count.chunks += reading.batches.length
  count.streams += 1
  count.endings.set(written.ending, (count.endings.get(written.ending) ?? 0) + 1)
  // The blank line after the last event may be missing.
  if (isCut && bytes.length < completeFrom(dialect, input) - blankBytes) {
    count.cut += 1
    if (written.ending === 'whole') fault(`cut at byte ${bytes.length} of ${input.length} and told as whole`)
  }
  // Bytes that are handed on as they came may be spoilt inside; what is written here may not.
  const faults = isNative ? [] : grammarFaults(door, written)
  if (faults.length > 0) fault(`${faults.slice(0, 3).join('; ')}\n${written.text ?? ''}`)
}

/** CRLF twice. */
export const blankBytes = 4

const soundByDialect = new Map<Dialect, readonly Buffer[]>()

/** The recorded streams that are complete. */
export function soundInputs(dialect: Dialect): readonly Buffer[] {
  const known =
    soundByDialect.get(dialect) ?? streamInputs(dialect).filter((input) => isComplete(dialect, input))
  soundByDialect.set(dialect, known)
  return known
}

const isComplete = (dialect: Dialect, bytes: Buffer): boolean =>
  readPieces(adapters.for(dialect), bytes, { isNative: false, sizes: [], quirks: [] }).problem === undefined

const completeAt = new WeakMap<Buffer, number>()

/** After which event the answer has been said to be finished, so that what is missing then is not missed. */
export function completeFrom(dialect: Dialect, input: Buffer): number {
  const known = completeAt.get(input)
  if (known !== undefined) return known
  const text = input.toString('latin1')
  const ends = [...text.matchAll(/\r?\n\r?\n/g)].map(({ index, 0: blank }) => index + blank.length)
  const from = ends.find((end) => isComplete(dialect, input.subarray(0, end))) ?? input.length
  completeAt.set(input, from)
  return from
}
