/** Rare ways of HTTP/1: versions, replies before the reply, codings, and what goes on after it was given up. */
import { brotliCompressSync } from 'node:zlib'

import { fails, passes } from '#tests/faults/fault-mode.ts'
import type { FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { headOf, soundReply, soundText, streamHead } from '#tests/faults/spoken.ts'
import {
  chunk,
  dripping,
  eventType,
  fin,
  head,
  jsonType,
  lastChunk,
  reply,
  textReply,
  turnDeaf,
  write,
} from '#tests/faults/wire-step.ts'

const typeOf = ({ kind }: Material) => (kind === 'whole' ? jsonType : eventType)
const noAnswer = fails('provider_malformed', 'stream_cut')

export const protocolModes: readonly FaultMode[] = [
  {
    name: 'a reply of HTTP/1.0, ended by closing',
    phase: 'harmless',
    wire: (material) => [
      write(head(200, typeOf(material)).replace('HTTP/1.1', 'HTTP/1.0'), soundText(material)),
      fin,
    ],
    expect: passes,
  },
  {
    name: 'processing, said before the reply',
    phase: 'harmless',
    wire: (material) => [write('HTTP/1.1 102 Processing\r\n\r\n'), ...soundReply(material)],
    expect: passes,
  },
  {
    name: 'to go on, said before the reply though nobody waited for it',
    phase: 'head',
    wire: (material) => [write('HTTP/1.1 100 Continue\r\n\r\n'), ...soundReply(material)],
    expect: fails('provider_unreachable'),
    because:
      'A client should read over it (RFC 9110, section 15.2); the one that is used here takes it for a broken connection.',
  },
  {
    name: 'chunks with extensions',
    phase: 'harmless',
    wire: (material) => {
      const text = Buffer.from(soundText(material))
      return [write(headOf(material), `${text.length.toString(16)};name=value\r\n`, text, '\r\n', lastChunk)]
    },
    expect: passes,
  },
  {
    name: 'the coding of no coding',
    phase: 'harmless',
    wire: (material) => [
      write(textReply(200, soundText(material), { ...typeOf(material), 'content-encoding': 'identity' })),
    ],
    expect: passes,
  },
  {
    name: 'compressed otherwise, though nobody asked for that',
    phase: 'body',
    wire: (material) => [
      write(reply(200, brotliCompressSync(soundText(material)), { 'content-encoding': 'br' })),
    ],
    expect: noAnswer,
  },
  {
    name: 'headers and then nothing, by one who does not hear that it was given up',
    phase: 'before the first word',
    kinds: ['stream'],
    wire: () => [turnDeaf, write(streamHead), dripping(chunk(': still here\n\n'))],
    expect: fails('provider_timeout'),
    because: 'The connection is broken off, whatever the other side does.',
  },
]
