/** Faults at the end of a stream, and oddities anywhere in it that harm nothing. */
import { breaks, passes } from '#tests/faults/fault-mode.ts'
import type { Expectation, FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { framesOf, midStream, remaining, streamHead } from '#tests/faults/spoken.ts'
import { breathe, chunk, dripping, fin, lastChunk, rst, silence, write } from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'

/** Everything but the terminator. */
const unterminated = (material: Material): readonly WireStep[] => [
  ...midStream(material),
  write(...[...remaining(material), ...material.stream.ending].map(chunk)),
]

const terminated = (material: Material): readonly WireStep[] => [
  ...unterminated(material),
  write(chunk(material.stream.terminator ?? '')),
]

/** Where the answer says that it is finished before the mark after which nothing comes, the mark may be missing. */
const isFinishedBeforeMark = ({ wire }: Pick<Material, 'wire'>): boolean =>
  wire.dialect !== 'anthropic-messages' && wire.dialect !== 'openai-responses'

const passesWhenFinished = (material: Pick<Material, 'wire'>): Expectation =>
  isFinishedBeforeMark(material) ? passes : breaks('stream_cut')

const markedDialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'cohere-chat'] as const

const endings: ReadonlyArray<Omit<FaultMode, 'phase' | 'kinds'>> = [
  {
    name: 'no terminator, ended',
    dialects: markedDialects,
    wire: (material) => [...unterminated(material), write(lastChunk)],
    expect: passesWhenFinished,
    because:
      'Chat completions and Cohere have said by then that the answer is finished; the others have not.',
  },
  {
    name: 'no terminator, reset',
    dialects: ['openai-responses', 'anthropic-messages'],
    wire: (material) => [...unterminated(material), breathe, rst],
    expect: breaks('stream_cut'),
  },
  {
    name: 'all words and no finish, ended',
    wire: (material) => [...midStream(material), write(...remaining(material).map(chunk), lastChunk)],
    expect: breaks('stream_cut'),
    because: 'Nobody can tell the last word from the one before it.',
  },
  {
    name: 'garbage after the terminator',
    dialects: markedDialects,
    wire: (material) => [
      ...terminated(material),
      write(chunk('data: {"oops": \n\n<html>\u0000\u0001'), lastChunk),
    ],
    expect: passes,
  },
  {
    name: 'a second answer after the terminator',
    dialects: markedDialects,
    wire: (material) => [...terminated(material), write(...framesOf(material).map(chunk), lastChunk)],
    expect: passes,
    because: 'The answer had ended; what follows belongs to nobody.',
  },
  {
    name: 'comments without end after the terminator',
    dialects: markedDialects,
    wire: (material) => [...terminated(material), dripping(chunk(': ping\n\n'))],
    expect: passes,
  },
  {
    name: 'silent after the terminator',
    dialects: markedDialects,
    wire: (material) => [...terminated(material), silence],
    expect: passes,
  },
  {
    name: 'reset after the terminator',
    dialects: markedDialects,
    wire: (material) => [...terminated(material), breathe, rst],
    expect: passes,
  },
  {
    name: 'closed after the terminator, without the last chunk',
    dialects: markedDialects,
    wire: (material) => [...terminated(material), breathe, fin],
    expect: passes,
  },
]

/** The frames of a sound stream, written otherwise. */
const rewritten = (rewrite: (text: string) => string) => (material: Material) => [
  write(streamHead, chunk(rewrite(framesOf(material).join(''))), lastChunk),
]

const asLf = (text: string) => text.replaceAll('\r\n', '\n')

const oddities: ReadonlyArray<Omit<FaultMode, 'phase' | 'kinds'>> = [
  {
    name: 'lines ended by CRLF',
    wire: rewritten((text) => asLf(text).replaceAll('\n', '\r\n')),
    expect: passes,
  },
  { name: 'lines ended by LF', wire: rewritten(asLf), expect: passes },
  { name: 'lines ended by CR', wire: rewritten((text) => asLf(text).replaceAll('\n', '\r')), expect: passes },
  { name: 'a byte order mark', wire: rewritten((text) => `\uFEFF${text}`), expect: passes },
  {
    name: 'comments between the events',
    wire: rewritten((text) => asLf(text).replaceAll('\n\n', '\n\n: ping\n\n')),
    expect: passes,
  },
  {
    name: 'no space after the colons',
    wire: rewritten((text) => text.replaceAll(/^(data|event): /gm, '$1:')),
    expect: passes,
  },
  {
    name: 'events of a kind that nobody knows',
    wire: (material) => [
      ...midStream(material),
      write(chunk(material.wire.unknownEvent), chunk('id: 7\nretry: 100\n\n')),
      write(...[...remaining(material), ...material.stream.ending].map(chunk)),
      write(chunk(material.stream.terminator ?? ': end\n\n'), lastChunk),
    ],
    expect: passes,
  },
  {
    name: 'events under the type of JSON',
    wire: (material) => [
      write(streamHead.replace('text/event-stream; charset=utf-8', 'application/json')),
      write(...framesOf(material).map(chunk), lastChunk),
    ],
    expect: passes,
  },
]

export const endingModes: readonly FaultMode[] = [
  ...endings.map((row) => ({ ...row, phase: 'at the end', kinds: ['stream'] }) as const),
  ...oddities.map((row) => ({ ...row, phase: 'harmless', kinds: ['stream'] }) as const),
]
