/** Bytes spoilt on their way: flipped, cut, doubled, split inside a character. */
import type { Chance } from './chance.ts'

type Mutation = (bytes: Buffer, chance: Chance) => Buffer

export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let result = bytes
  for (let changes = 1 + chance.below(3); changes > 0; changes -= 1)
    result = chance.pick(mutations)(result, chance)
  return result
}

const oddBytes = [
  0x00, 0x0a, 0x0d, 0x22, 0x2c, 0x3a, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc3, 0xe2, 0xed, 0xf0, 0xff,
]
const oddTexts = [
  '\uFEFF',
  '\r\n\r\n',
  '\n\n\n',
  '\r\r',
  'data: [DONE]\n\n',
  'data:\n\n',
  ': comment\n\n',
  'event: error\ndata: {"error":{"message":"no"}}\n\n',
  'error: {"code":500}\n\n',
  'retry: 1\nid: 2\n\n',
  'event: ping\ndata: {"type":"ping"}\n\n',
  'data: {}\n\n',
  'data: []\n\n',
  'data: null\n\n',
  '"__proto__":{"a":1},',
  '\\ud800',
  '\u0000',
]

const flip: Mutation = (bytes, chance) => {
  const result = Buffer.from(bytes)
  for (let flips = 1 + chance.below(4); flips > 0; flips -= 1) {
    const at = chance.below(result.length)
    result[at] = (result[at] ?? 0) ^ (1 << chance.below(8))
  }
  return result
}

const set: Mutation = (bytes, chance) => {
  const result = Buffer.from(bytes)
  result[chance.below(result.length)] = chance.pick(oddBytes)
  return result
}

const truncate: Mutation = (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1))

const dropSpan: Mutation = (bytes, chance) => {
  const from = chance.below(bytes.length)
  const to = from + chance.below(Math.min(200, bytes.length - from) + 1)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
}

const doubleSpan: Mutation = (bytes, chance) => {
  const from = chance.below(bytes.length)
  const to = from + chance.below(Math.min(400, bytes.length - from) + 1)
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
}

const insert: Mutation = (bytes, chance) => {
  const at = chance.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(chance.pick(oddTexts)), bytes.subarray(at)])
}

const noise: Mutation = (bytes, chance) => {
  const at = chance.below(bytes.length + 1)
  const random = Buffer.from(Array.from({ length: 1 + chance.below(24) }, () => chance.below(256)))
  return Buffer.concat([bytes.subarray(0, at), random, bytes.subarray(at)])
}

const grow: Mutation = (bytes, chance) => {
  const at = chance.below(bytes.length + 1)
  const run = Buffer.alloc(chance.pick([300, 70_000]), chance.pick(oddBytes))
  return Buffer.concat([bytes.subarray(0, at), run, bytes.subarray(at)])
}

const mutations: readonly Mutation[] = [
  flip,
  flip,
  set,
  truncate,
  dropSpan,
  doubleSpan,
  insert,
  insert,
  noise,
  grow,
]
