/** Faults of a stream of which a part was shown: whatever comes, it is never ended as if it were whole. */
import { breaks } from '#tests/faults/fault-mode.ts'
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { midStream, remaining } from '#tests/faults/spoken.ts'
import {
  breathe,
  chunk,
  dripping,
  fin,
  flooding,
  lastChunk,
  rst,
  silence,
  write,
} from '#tests/faults/wire-step.ts'

const cut = breaks('stream_cut')

const rows: ReadonlyArray<Omit<FaultMode, 'phase' | 'kinds'>> = [
  { name: 'closed in mid-answer', wire: (material) => [...midStream(material), fin], expect: cut },
  { name: 'reset in mid-answer', wire: (material) => [...midStream(material), rst], expect: cut },
  {
    name: 'ended in mid-answer',
    wire: (material) => [...midStream(material), write(lastChunk)],
    expect: cut,
  },
  {
    name: 'half of an event in mid-answer, then closed',
    wire: (material) => [
      ...midStream(material),
      write(chunk(remaining(material).join('').slice(0, 30))),
      breathe,
      fin,
    ],
    expect: cut,
  },
  {
    name: 'half of an event in mid-answer, then reset',
    wire: (material) => [
      ...midStream(material),
      write(chunk(remaining(material).join('').slice(0, 30))),
      breathe,
      rst,
    ],
    expect: cut,
  },
  {
    name: 'half of an event in mid-answer, then ended',
    wire: (material) => [
      ...midStream(material),
      write(chunk(remaining(material).join('').slice(0, 30)), lastChunk),
    ],
    expect: cut,
  },
  {
    name: 'half of a chunk in mid-answer, then closed',
    wire: (material) => [
      ...midStream(material),
      write(chunk(remaining(material).join('')).subarray(0, 40)),
      breathe,
      fin,
    ],
    expect: cut,
  },
  {
    name: 'a chunk whose size is no number in mid-answer',
    wire: (material) => [...midStream(material), write('not a size\r\n'), silence],
    expect: cut,
  },
  {
    name: 'an event that is no JSON in mid-answer',
    wire: (material) => [...midStream(material), write(chunk('data: {"oops": \n\n')), silence],
    expect: breaks('provider_malformed'),
  },
  {
    name: 'silent in mid-answer',
    wire: (material) => [...midStream(material), silence],
    expect: breaks('provider_timeout'),
  },
  {
    name: 'silent within an event in mid-answer',
    wire: (material) => [
      ...midStream(material),
      write(chunk(remaining(material).join('').slice(0, 30))),
      silence,
    ],
    expect: breaks('provider_timeout'),
  },
  {
    name: 'comments without end in mid-answer',
    wire: (material) => [...midStream(material), dripping(chunk(': ping\n\n'))],
    expect: breaks('provider_timeout'),
    because: 'A connection that lives is no answer that goes on.',
  },
  {
    name: 'events without a word in mid-answer, without end',
    isOddGrammar: true,
    wire: (material) => [
      ...midStream(material),
      dripping(chunk(material.wire.wordlessEvent(material.speech))),
    ],
    expect: breaks('provider_timeout'),
  },
  {
    name: 'an error in mid-answer',
    wire: (material) => [
      ...midStream(material),
      write(chunk(material.wire.streamedError('overloaded', 'Overloaded.')), lastChunk),
    ],
    expect: breaks('provider_overloaded', 'provider_error'),
  },
  {
    name: 'an error in mid-answer, and words after it',
    wire: (material) => [
      ...midStream(material),
      write(chunk(material.wire.streamedError('internal', 'Something went wrong.'))),
      write(...remaining(material).map(chunk), ...material.stream.ending.map(chunk), lastChunk),
    ],
    expect: breaks('provider_error'),
  },
  {
    name: 'an event larger than any in mid-answer',
    isHeavy: true,
    wire: (material) => [
      ...midStream(material),
      flooding(chunk(`data: ${'x'.repeat(1_048_576)}`), 24),
      silence,
    ],
    expect: breaks('provider_malformed'),
  },
  {
    name: 'words without end',
    isOddGrammar: true,
    wire: (material) => [...midStream(material), flooding(chunk((remaining(material)[0] ?? '').repeat(20)))],
    expect: breaks('stream_cut'),
    because: 'What goes on past the output that was paid for is cut.',
  },
  {
    name: 'a second message in mid-answer',
    dialects: ['anthropic-messages', 'cohere-chat'],
    wire: (material) => [
      ...midStream(material),
      write(...material.stream.opening.map(chunk), ...material.stream.deltas.map(chunk)),
      write(...material.stream.ending.map(chunk), chunk(material.stream.terminator ?? ''), lastChunk),
    ],
    expect: breaks('provider_malformed'),
    because: 'Two answers were spliced together; which is the right one nobody knows.',
  },
]

export const midAnswerModes: readonly FaultMode[] = rows.map((row) => ({
  ...row,
  phase: 'in mid-answer',
  kinds: ['stream'],
}))
