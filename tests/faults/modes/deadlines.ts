/** Waits of sixteen seconds: harmless by the usual deadlines, too long for models that have shorter ones of their own. */
import { breaks, fails, passes } from '#tests/faults/fault-mode.ts'
import type { FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { midStream, remaining, soundReply, streamHead } from '#tests/faults/spoken.ts'
import { awaitLeap, chunk, dripping, lastChunk, write } from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'

const streamOnly = ['stream'] as const

const lateReply = (material: Material): readonly WireStep[] => [awaitLeap, ...soundReply(material)]

const ends = ({ stream }: Material): readonly string[] => [...stream.ending, stream.terminator ?? '']

const lateWords = (material: Material): readonly WireStep[] => [
  write(streamHead, ...material.stream.opening.map(chunk)),
  awaitLeap,
  write(...[...material.stream.deltas, ...ends(material)].filter(Boolean).map(chunk), lastChunk),
]

const pausingWords = (material: Material): readonly WireStep[] => [
  ...midStream(material),
  awaitLeap,
  write(...[...remaining(material), ...ends(material)].filter(Boolean).map(chunk), lastChunk),
]

/** A word, a pause, a word. */
const crawlingWords = (material: Material): readonly WireStep[] => [
  ...midStream(material),
  ...remaining(material).flatMap((word) => [awaitLeap, write(chunk(word))]),
  write(...ends(material).filter(Boolean).map(chunk), lastChunk),
]

export const deadlineModes: readonly FaultMode[] = [
  { name: 'a reply after sixteen seconds', phase: 'harmless', wire: lateReply, expect: passes },
  {
    name: 'a first word after sixteen seconds',
    phase: 'harmless',
    kinds: streamOnly,
    wire: lateWords,
    expect: passes,
  },
  {
    name: 'a pause of sixteen seconds in mid-answer',
    phase: 'harmless',
    kinds: streamOnly,
    wire: pausingWords,
    expect: passes,
  },
  {
    name: 'headers later than this model may be',
    phase: 'head',
    kinds: streamOnly,
    place: 'own-headers',
    wire: lateReply,
    expect: fails('provider_timeout'),
    because: 'The model has a deadline of its own.',
  },
  {
    name: 'a first word later than this model may be',
    phase: 'before the first word',
    kinds: streamOnly,
    place: 'own-first-token',
    wire: lateWords,
    expect: fails('provider_timeout'),
    because: 'The model has a deadline of its own.',
  },
  {
    name: 'a whole answer later than this model may be',
    phase: 'head',
    kinds: ['whole'],
    place: 'own-first-token',
    wire: lateReply,
    expect: fails('provider_timeout'),
    because: 'The model has a deadline of its own.',
  },
  {
    name: 'a pause longer than this model may make',
    phase: 'in mid-answer',
    kinds: streamOnly,
    place: 'own-idle',
    wire: pausingWords,
    expect: breaks('provider_timeout'),
    because: 'The model has a deadline of its own.',
  },
  {
    name: 'an answer longer than this model may take',
    phase: 'in mid-answer',
    kinds: streamOnly,
    place: 'own-total',
    wire: pausingWords,
    expect: breaks('provider_timeout'),
    because: 'The model has a deadline of its own.',
  },
  {
    name: 'a word every sixteen seconds',
    phase: 'in mid-answer',
    kinds: streamOnly,
    wire: crawlingWords,
    expect: breaks('provider_timeout'),
    because:
      'No silence is too long, and the answer is below the least rate all the same, here three tokens a second.',
  },
  {
    name: 'an event of single bytes without end in mid-answer',
    phase: 'in mid-answer',
    kinds: streamOnly,
    wire: (material) => [...midStream(material), write(chunk('data: {"')), dripping(chunk('x'))],
    expect: breaks('provider_timeout'),
  },
  {
    name: 'an event of single bytes without end before the first word',
    phase: 'before the first word',
    kinds: streamOnly,
    wire: () => [write(streamHead, chunk('data: {"')), dripping(chunk('x'))],
    expect: fails('provider_timeout'),
  },
]
