/** Faults of a stream before its first word: nothing was shown, so everything can still be mended. */
import { fails } from '#tests/faults/fault-mode.ts'
import type { FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { streamHead } from '#tests/faults/spoken.ts'
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
import type { WireStep } from '#tests/faults/wire-step.ts'

const cut = fails('stream_cut')

/** The head and everything that comes before the words. */
const opened = ({ stream }: Material): WireStep => write(streamHead, ...stream.opening.map(chunk))

const rows: ReadonlyArray<Omit<FaultMode, 'phase' | 'kinds'>> = [
  {
    name: 'a stream that is silent from the beginning',
    wire: () => [write(streamHead), silence],
    expect: fails('provider_timeout'),
  },
  {
    name: 'silent before the first word',
    wire: (material) => [opened(material), silence],
    expect: fails('provider_timeout'),
  },
  {
    name: 'comments without end before the first word',
    wire: () => [write(streamHead), dripping(chunk(': ping\n\n'))],
    expect: fails('provider_timeout'),
    because: 'A sign of life is no word of an answer.',
  },
  {
    name: 'events without a word, without end',
    wire: (material) => [opened(material), dripping(chunk(material.wire.wordlessEvent(material.speech)))],
    expect: fails('provider_timeout'),
  },
  { name: 'closed before the first word', wire: (material) => [opened(material), breathe, fin], expect: cut },
  { name: 'reset before the first word', wire: (material) => [opened(material), breathe, rst], expect: cut },
  {
    name: 'ended before the first word',
    wire: (material) => [opened(material), write(lastChunk)],
    expect: cut,
  },
  {
    name: 'a stream without events',
    wire: () => [write(streamHead, lastChunk)],
    expect: fails('stream_cut', 'provider_malformed'),
  },
  {
    name: 'the terminator alone',
    dialects: ['openai-chat', 'cohere-chat', 'anthropic-messages'],
    wire: ({ stream }) => [write(streamHead, chunk(stream.terminator ?? ''), lastChunk)],
    expect: fails('stream_cut', 'provider_malformed'),
  },
  {
    name: 'half of an event, then closed',
    wire: ({ stream }) => [
      write(streamHead, chunk([...stream.opening, ...stream.deltas].join('').slice(0, 40))),
      breathe,
      fin,
    ],
    expect: cut,
  },
  {
    name: 'half of an event, then ended',
    wire: ({ stream }) => [
      write(streamHead, chunk([...stream.opening, ...stream.deltas].join('').slice(0, 40)), lastChunk),
    ],
    expect: cut,
  },
  {
    name: 'a first event that is no JSON',
    wire: ({ stream }) => [
      write(streamHead, chunk('data: {"oops": \n\n'), ...stream.deltas.map(chunk), lastChunk),
    ],
    expect: fails('provider_malformed'),
  },
  {
    name: 'an error before the first word',
    wire: (material) => [
      opened(material),
      write(chunk(material.wire.streamedError('overloaded', 'Overloaded.')), lastChunk),
    ],
    expect: fails('provider_overloaded', 'provider_error'),
  },
  {
    name: 'an event larger than any before the first word',
    isHeavy: true,
    wire: () => [write(streamHead), flooding(chunk(`data: ${'x'.repeat(1_048_576)}`), 24), silence],
    expect: fails('provider_malformed'),
  },
  {
    name: 'a line that never ends before the first word',
    isHeavy: true,
    wire: () => [write(streamHead), flooding(chunk('x'.repeat(1_048_576)), 24), silence],
    expect: fails('provider_malformed'),
  },
  {
    name: 'a page of HTML as the events of a stream',
    wire: () => [write(streamHead, chunk('<!doctype html>\n\n<html><h1>Welcome</h1></html>\n\n'), lastChunk)],
    expect: fails('provider_malformed', 'stream_cut'),
  },
]

export const firstWordModes: readonly FaultMode[] = rows.map((row) => ({
  ...row,
  phase: 'before the first word',
  kinds: ['stream'],
}))
