/** Faults of one key or region of several: the others are as good as ever, so that no caller sees anything of it. */
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { spared } from '#tests/faults/fault-mode.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import { silence, reply, rst, write } from '#tests/faults/wire-step.ts'

export const keyModes: readonly FaultMode[] = [
  {
    name: 'one key of several limited',
    phase: 'status',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: ({ wire }) => [
      write(reply(429, wire.refusal('limited', 'This key asked too often.'), { 'retry-after': '600' })),
    ],
    expect: spared('provider_rate_limited'),
    because: 'Limits are those of a key; another is asked at once.',
  },
  {
    name: 'one key of several revoked',
    phase: 'status',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: ({ wire }) => [write(reply(401, wire.refusal('auth', 'There is no such key.')))],
    expect: spared('provider_auth'),
  },
  {
    name: 'one key of several without quota',
    phase: 'status',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: ({ wire }) => [write(reply(402, wire.refusal('quota', 'This key has nothing left.')))],
    expect: spared('provider_quota'),
  },
  {
    name: 'one key of several forbidden',
    phase: 'status',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: ({ wire }) => [write(reply(403, wire.refusal('permission', 'Not with this key.')))],
    expect: spared('provider_auth'),
  },
  {
    name: 'one key of several failing',
    phase: 'status',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: ({ wire }) => [write(reply(500, wire.refusal('internal', 'Something went wrong.')))],
    expect: spared('provider_error'),
  },
  {
    name: 'one key of several silent',
    phase: 'request',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: () => [silence],
    expect: spared('provider_timeout'),
  },
  {
    name: 'one key of several reset',
    phase: 'request',
    place: 'pool',
    strikesFirstKeyAlone: true,
    wire: () => [rst],
    expect: spared('provider_unreachable'),
  },
  {
    name: 'one region of several away',
    phase: 'connecting',
    place: 'regions',
    wire: soundReply,
    expect: spared('provider_unreachable'),
  },
]
