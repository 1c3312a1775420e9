/** Faults of one key of several: the others are as good as ever, so that no caller sees anything of it. */
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { spared } from '#tests/faults/fault-mode.ts'
import { reply, write } from '#tests/faults/wire-step.ts'

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
]
