/** Success statuses whose body is no answer, or an answer that cannot be taken as it stands. */
import { gzipSync } from 'node:zlib'

import { fails, passes, refused } from '#tests/faults/fault-mode.ts'
import type { FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { framesOf, headOf, soundReply, soundText, wholeHead, wholeText } from '#tests/faults/spoken.ts'
import {
  breathe,
  chunk,
  dripping,
  eventType,
  fin,
  flooding,
  head,
  jsonType,
  lastChunk,
  reply,
  rst,
  silence,
  textReply,
  write,
} from '#tests/faults/wire-step.ts'
import type { WireUsage } from '#tests/faults/wires/wire.ts'

const noAnswer = fails('provider_malformed', 'stream_cut')
const wholeOnly = ['whole'] as const

export const bodyModes: readonly FaultMode[] = [
  {
    name: 'an error under a success status',
    phase: 'body',
    wire: ({ wire }) => [write(reply(200, wire.refusal('overloaded', 'No capacity.')))],
    expect: fails('provider_overloaded', 'provider_error', 'provider_malformed', 'stream_cut'),
  },
  {
    name: 'a page of HTML under a success status',
    phase: 'body',
    wire: () => [
      write(textReply(200, '<!doctype html><html><h1>Welcome</h1></html>', { 'content-type': 'text/html' })),
    ],
    expect: noAnswer,
  },
  {
    name: 'an empty body',
    phase: 'body',
    wire: () => [write(reply(200, Buffer.alloc(0)))],
    expect: noAnswer,
  },
  { name: 'an empty object', phase: 'body', wire: () => [write(reply(200, {}))], expect: noAnswer },
  {
    name: 'a list in place of an object',
    phase: 'body',
    wire: () => [write(reply(200, [1, 2]))],
    expect: noAnswer,
  },
  { name: 'the word null', phase: 'body', wire: () => [write(reply(200, null))], expect: noAnswer },
  {
    name: 'an answer without choices',
    phase: 'body',
    kinds: wholeOnly,
    wire: ({ wire, speech }) => [write(reply(200, wire.empty(speech)))],
    expect: noAnswer,
  },
  {
    name: 'an answer cut inside its JSON, with the length of what is left',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(textReply(200, wholeText(material).slice(0, -9)))],
    expect: noAnswer,
  },
  {
    name: 'an answer with something after it',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(textReply(200, `${wholeText(material)}{"more":true}`))],
    expect: noAnswer,
    because: 'Two bodies in one: nobody can say which is the answer.',
  },
  {
    name: 'an answer 30,000 levels deep',
    phase: 'body',
    kinds: wholeOnly,
    wire: () => [write(textReply(200, '{"choices":['.repeat(30_000)))],
    expect: noAnswer,
  },
  {
    name: 'an answer larger than any',
    phase: 'body',
    kinds: wholeOnly,
    isHeavy: true,
    wire: () => [write(wholeHead), flooding(chunk('x'.repeat(1_048_576)))],
    expect: fails('provider_malformed'),
  },
  {
    name: 'compressed, though nobody asked for that',
    phase: 'body',
    wire: (material) => [write(reply(200, gzipSync(soundText(material)), { 'content-encoding': 'gzip' }))],
    expect: noAnswer,
  },
  {
    name: 'a stream in place of a whole answer',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(head(200, eventType), ...framesOf(material)), fin],
    expect: noAnswer,
  },
  {
    name: 'a whole answer in place of a stream',
    phase: 'body',
    kinds: ['stream'],
    wire: (material) => [write(reply(200, material.whole))],
    expect: noAnswer,
  },
  {
    name: 'a list of events in place of a stream',
    phase: 'body',
    kinds: ['stream'],
    dialects: ['gemini-generate'],
    wire: (material) => [write(textReply(200, `[${wholeText(material)}]`))],
    expect: noAnswer,
  },
  {
    name: 'closed in the middle of a whole answer',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(wholeHead, chunk(wholeText(material).slice(0, 60))), breathe, fin],
    expect: fails('stream_cut'),
  },
  {
    name: 'reset in the middle of a whole answer',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(wholeHead, chunk(wholeText(material).slice(0, 60))), breathe, rst],
    expect: fails('stream_cut'),
  },
  {
    name: 'silent in the middle of a whole answer',
    phase: 'body',
    kinds: wholeOnly,
    wire: (material) => [write(wholeHead, chunk(wholeText(material).slice(0, 60))), silence],
    expect: fails('provider_timeout'),
  },
  {
    name: 'spaces without end in place of a whole answer',
    phase: 'body',
    kinds: wholeOnly,
    wire: () => [write(wholeHead), dripping(chunk(' '))],
    expect: refused('provider_timeout'),
    because: 'A trickle cannot be told from a slow answer; it ends with the time of the whole request.',
  },
  {
    name: 'a shorter body than announced',
    phase: 'body',
    wire: (material) => [
      write(head(200, { ...jsonType, 'content-length': '100000' }), soundText(material).slice(0, 90)),
      breathe,
      fin,
    ],
    expect: fails('stream_cut'),
  },
  {
    name: 'a chunk whose size is no number',
    phase: 'body',
    wire: (material) => [write(headOf(material), 'zz\r\n'), silence],
    expect: fails('stream_cut', 'provider_malformed'),
  },
  {
    name: 'usage below zero',
    phase: 'harmless',
    wire: (material) => soundReply(recounted(material, { input: -5, output: -7 })),
    expect: passes,
    because: 'The answer is good; what no provider can have counted is estimated.',
  },
  {
    name: 'usage beyond all measure',
    phase: 'harmless',
    wire: (material) => soundReply(recounted(material, { input: 1e15, output: 1e15 })),
    expect: passes,
    because: 'The answer is good; the charge ends at what was held.',
  },
  {
    name: 'usage of fractions',
    phase: 'harmless',
    wire: (material) => soundReply(recounted(material, { input: 1.5, output: 0.1 })),
    expect: passes,
  },
  {
    name: 'no usage',
    phase: 'harmless',
    wire: (material) => soundReply(recounted(material, { input: undefined, output: undefined })),
    expect: passes,
    because: 'What was not counted is estimated and marked so.',
  },
  {
    name: 'words without output in the usage',
    phase: 'harmless',
    wire: (material) => soundReply(recounted(material, { input: 11, output: 0 })),
    expect: passes,
  },
  {
    name: 'an answer in the name of another model',
    phase: 'harmless',
    wire: (material) => soundReply(respoken(material, 'somebody-else-2020')),
    expect: passes,
    because:
      'Providers answer to aliases with the names of snapshots; a substitution cannot be told from that. The row names what was asked.',
  },
  {
    name: 'no length and no chunks, ended by closing',
    phase: 'harmless',
    wire: (material) => [
      write(head(200, material.kind === 'whole' ? jsonType : eventType), soundText(material)),
      fin,
    ],
    expect: passes,
  },
  {
    name: 'trailers after the body',
    phase: 'harmless',
    wire: (material) => [write(headOf(material), chunk(soundText(material)), '0\r\nx-checksum: 1\r\n\r\n')],
    expect: passes,
  },
  {
    name: 'byte by byte',
    phase: 'harmless',
    wire: (material) => [
      write(headOf(material), ...[...Buffer.from(soundText(material))].map((byte) => chunk(Buffer.of(byte)))),
      write(lastChunk),
    ],
    expect: passes,
  },
]

function recounted(material: Material, usage: WireUsage): Material {
  const { wire, speech } = material
  return { ...material, whole: wire.whole(speech, usage), stream: wire.stream(speech, usage) }
}

function respoken(material: Material, model: string): Material {
  const speech = { ...material.speech, model }
  const { wire } = material
  return { ...material, speech, whole: wire.whole(speech), stream: wire.stream(speech) }
}
