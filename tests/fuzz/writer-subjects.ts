/** The doors' writers: whatever a spoilt stream makes a decoder say, every door writes a stream of its own grammar. */
import type { Dialect } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { readPieces, streamInputs } from './decoder-subjects.ts'
import { mutateStream } from './frame-mutations.ts'
import { fault } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'
import { judgeEvents } from './sound-events.ts'
import { grammarFaults, writeStream, writeWhole } from './written-stream.ts'

function writerSubject(door: Dialect): FuzzSubject {
  const sources = dialects.filter((dialect) => dialect !== door)
  return {
    name: `${door} writer`,
    // The first byte says whose stream it is.
    inputs: sources.flatMap((dialect, place) =>
      streamInputs(dialect).map((input) => Buffer.concat([Buffer.from([place]), input])),
    ),
    mutate: (input, chance) => Buffer.concat([input.subarray(0, 1), mutateStream(input.subarray(1), chance)]),
    run(input, chance) {
      const dialect = sources[input[0] ?? 0]
      if (!dialect) return 'nobody'
      const bytes = input.subarray(1)
      const sizes = chance.pick([[], [64], [1 + chance.below(300), 1 + chance.below(3)]])
      const reading = readPieces(adapters.for(dialect), bytes, { isNative: false, sizes, quirks: [] })
      const answer = judgeEvents(reading.events, bytes.length)
      const problem = reading.problem === undefined ? undefined : new Problem(reading.problem)
      const written = writeStream(door, reading.batches, { usage: answer.usage, problem })
      const faults = grammarFaults(door, written)
      if (faults.length > 0) fault(`${[...new Set(faults)].slice(0, 4).join('; ')}\n${written.text ?? ''}`)
      judgeSize(written.text ?? '', bytes.length)
      writeWhole(door, answer)
      return `${written.ending} of ${dialect}`
    },
  }
}

/** A frame around each piece may be large; no piece may be said again and again. */
function judgeSize(text: string, bytesRead: number): void {
  if (text.length > 100_000 + bytesRead * 40) fault(`${text.length} characters written of ${bytesRead} bytes`)
}

export const writerSubjects: readonly FuzzSubject[] = dialects.map(writerSubject)
