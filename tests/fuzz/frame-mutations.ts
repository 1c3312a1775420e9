/** An event stream whose frames are lost, doubled, out of order, spoilt inside or ended otherwise. */
import { mutateBytes } from './byte-mutations.ts'
import type { Chance } from './chance.ts'
import { mutateJsonText } from './json-mutations.ts'

type Mutation = (frames: string[], chance: Chance) => string[]

export function mutateStream(bytes: Buffer, chance: Chance): Buffer {
  if (chance.isTrue(0.3)) return mutateBytes(bytes, chance)
  let frames = framesOf(bytes.toString('utf8'))
  for (let changes = 1 + chance.below(3); changes > 0; changes -= 1)
    frames = chance.pick(mutations)(frames, chance)
  const result = Buffer.from(frames.join(''))
  return chance.isTrue(0.1) ? mutateBytes(result, chance) : result
}

/** Frames with the blank line that ends each. */
function framesOf(text: string): string[] {
  return text.split(/(?<=\n\n|\r\n\r\n)/)
}

const drop: Mutation = (frames, chance) => frames.toSpliced(chance.below(frames.length), 1)

const double: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  return frames.toSpliced(at, 0, frames[at] ?? '')
}

const move: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  return frames.toSpliced(at, 1).toSpliced(chance.below(frames.length), 0, frames[at] ?? '')
}

const shuffle: Mutation = (frames, chance) => {
  const result = [...frames]
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = chance.below(at + 1)
    ;[result[at], result[other]] = [result[other] ?? '', result[at] ?? '']
  }
  return result
}

const repeatMany: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  const times = chance.pick([3, 40, 300])
  return frames.toSpliced(at, 1, ...Array.from({ length: times }, () => frames[at] ?? ''))
}

const repeatEnd: Mutation = (frames) => [...frames, ...frames.slice(-2), ...frames.slice(-2)]

const cut: Mutation = (frames, chance) => frames.slice(0, chance.below(frames.length + 1))

const splice: Mutation = (frames, chance) => [...frames.slice(0, chance.below(frames.length)), ...frames]

const spoilData: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  const frame = frames[at] ?? ''
  const spoilt = frame.replace(/(?<=^data: ?).*$/m, (data) => mutateJsonText(data, chance) ?? data)
  return frames.toSpliced(at, 1, spoilt)
}

const renameEvent: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  const name = chance.pick([
    'error',
    'ping',
    '',
    'content_block_delta',
    'response.completed',
    'message-end',
    '__proto__',
  ])
  const frame = frames[at] ?? ''
  const renamed = /^event: ?/m.test(frame)
    ? frame.replace(/^event: ?.*$/m, `event: ${name}`)
    : `event: ${name}\n${frame}`
  return frames.toSpliced(at, 1, renamed)
}

const otherEndings: Mutation = (frames, chance) => {
  const ending = chance.pick(['\r\n', '\r', '\n'])
  const from = chance.below(frames.length)
  return frames.map((frame, at) => (at < from ? frame : frame.replaceAll(/\r\n|\n/g, ending)))
}

const splitLines: Mutation = (frames, chance) => {
  const at = chance.below(frames.length)
  const split = (frames[at] ?? '').replace(/^(data: ?.{1,20})(.*)$/m, '$1\ndata: $2')
  return frames.toSpliced(at, 1, split)
}

const unterminated: Mutation = (frames) => [...frames.slice(0, -1), (frames.at(-1) ?? '').trimEnd()]

const mutations: readonly Mutation[] = [
  drop,
  double,
  move,
  shuffle,
  repeatMany,
  repeatEnd,
  cut,
  splice,
  spoilData,
  spoilData,
  spoilData,
  spoilData,
  renameEvent,
  otherEndings,
  splitLines,
  unterminated,
]
