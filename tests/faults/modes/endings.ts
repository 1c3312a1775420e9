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
    name: 'finished twice',
    isOddGrammar: true,
    wire: (material) => [
      ...unterminated(material),
      write(...[...material.stream.ending, material.stream.terminator ?? ''].filter(Boolean).map(chunk)),
      write(lastChunk),
    ],
    expect: passes,
  },
  {
    name: 'the last word after the finish',
    dialects: ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate'],
    isOddGrammar: true,
    wire: (material) => {
      const { ending, terminator = '' } = material.stream
      const [last = '', ...before] = remaining(material).toReversed()
      const frames = [...before.toReversed(), ...ending, last, terminator].filter(Boolean)
      return [...midStream(material), write(...frames.map(chunk), lastChunk)]
    },
    expect: passes,
    because: 'It is a word of the answer as long as nothing has said that no more comes.',
  },
  {
    name: 'the usage after the terminator',
    dialects: ['openai-chat'],
    wire: (material) => {
      const [finish = '', usage = ''] = material.stream.ending
      return [
        ...midStream(material),
        write(...[...remaining(material), finish, material.stream.terminator ?? '', usage].map(chunk)),
        write(lastChunk),
      ]
    },
    expect: passes,
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

/** Each event's JSON over as many lines as it has members, each of them a line of data. */
const inSeveralLines = (text: string) =>
  asLf(text).replaceAll(/^data: (\{.*)$/gm, (_, json: string) =>
    JSON.stringify(JSON.parse(json), undefined, 1)
      .split('\n')
      .map((line) => `data: ${line}`)
      .join('\n'),
  )

/** The first object of the frame with one more member, whose text is a byte that begins nothing. */
function withStrayByte(frame: string): Buffer {
  const [before = '', ...after] = frame.split('data: {')
  if (after.length === 0) return Buffer.from(frame)
  const member = Buffer.concat([
    Buffer.from('data: {"later_invention":"'),
    Buffer.of(0xff),
    Buffer.from('",'),
  ])
  return Buffer.concat([Buffer.from(before), member, Buffer.from(after.join('data: {'))])
}

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
    name: 'parts numbered from seven',
    dialects: ['openai-responses', 'anthropic-messages', 'cohere-chat'],
    wire: rewritten((text) => text.replaceAll(/"(index|output_index)":0/g, '"$1":7')),
    expect: passes,
  },
  { name: 'events in several lines of data', wire: rewritten(inSeveralLines), expect: passes },
  {
    name: 'bytes that are no UTF-8 in a member that nobody knows',
    wire: (material) => [
      write(streamHead, ...framesOf(material).map((frame) => chunk(withStrayByte(frame))), lastChunk),
    ],
    expect: passes,
  },
  {
    name: 'a comment of a megabyte',
    wire: rewritten((text) => `: ${'x'.repeat(1_000_000)}\n\n${text}`),
    expect: passes,
  },
  {
    name: 'words of a second answer that nobody asked for',
    dialects: ['openai-chat', 'gemini-generate'],
    isOddGrammar: true,
    wire: (material) => [
      ...midStream(material),
      write(chunk(material.wire.besideWord?.(material.speech, 'Beside. ') ?? '')),
      write(...[...remaining(material), ...material.stream.ending].map(chunk)),
      write(...[material.stream.terminator ?? ''].filter(Boolean).map(chunk), lastChunk),
    ],
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
