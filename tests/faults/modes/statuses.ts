/** Refusals: every status that providers use, with sound, empty, broken and endless bodies. */
import { fails, passes, refused } from '#tests/faults/fault-mode.ts'
import type { Expectation, FaultMode, Material } from '#tests/faults/fault-mode.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import {
  breathe,
  chunk,
  chunked,
  fin,
  flooding,
  head,
  jsonType,
  reply,
  rst,
  silence,
  textReply,
  write,
} from '#tests/faults/wire-step.ts'
import type { RefusalKind } from '#tests/faults/wires/wire.ts'

interface StatusRow {
  readonly status: number
  readonly kind: RefusalKind
  readonly expect: Expectation
  readonly because?: string
}

/** Anthropic's limits always say when to come back; one that does not is a spending limit. */
const limited: Expectation = fails('provider_rate_limited', 'provider_quota')

/** Each with the body that the dialect has for it. */
const statuses: readonly StatusRow[] = [
  {
    status: 400,
    kind: 'invalid',
    expect: refused('provider_rejected'),
    because: 'The request is wrong; asking somebody else would hide that.',
  },
  { status: 401, kind: 'auth', expect: fails('provider_auth') },
  { status: 402, kind: 'quota', expect: fails('provider_quota') },
  { status: 403, kind: 'permission', expect: fails('provider_auth') },
  { status: 404, kind: 'missing', expect: fails('provider_model_missing') },
  { status: 408, kind: 'timeout', expect: fails('provider_timeout') },
  {
    status: 409,
    kind: 'internal',
    expect: fails('provider_error'),
    because: 'A conflict lies in the state of the provider, never in a question.',
  },
  { status: 413, kind: 'invalid', expect: refused('body_too_large', 'provider_rejected') },
  { status: 422, kind: 'invalid', expect: refused('provider_rejected') },
  {
    status: 425,
    kind: 'internal',
    expect: fails('provider_error'),
    because: 'Too early says that the same request will do later (RFC 8470, section 5.2).',
  },
  { status: 429, kind: 'limited', expect: limited },
  { status: 500, kind: 'internal', expect: fails('provider_error') },
  { status: 502, kind: 'internal', expect: fails('provider_error') },
  { status: 503, kind: 'overloaded', expect: fails('provider_overloaded') },
  { status: 504, kind: 'timeout', expect: fails('provider_timeout') },
  { status: 529, kind: 'overloaded', expect: fails('provider_overloaded') },
  { status: 599, kind: 'internal', expect: fails('provider_error') },
]

const refusalBody = ({ wire }: Material, kind: RefusalKind) => wire.refusal(kind, 'The double says no.')

const statusModes: readonly FaultMode[] = statuses.map(({ status, kind, expect, because }) => ({
  name: `status ${status}`,
  phase: 'status',
  wire: (material) => [write(reply(status, refusalBody(material, kind)))],
  expect,
  ...(because === undefined ? {} : { because }),
}))

/** What a limiting provider may say about when to come back, and what no sane one says. */
const waits: ReadonlyArray<readonly [name: string, headers: Readonly<Record<string, string>>]> = [
  ['in an hour', { 'retry-after': '3600' }],
  ['at a date', { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }],
  ['in the past', { 'retry-after': '-5' }],
  ['after the end of the world', { 'retry-after': '1e308' }],
  ['in words', { 'retry-after': 'later' }],
  ['by milliseconds that are no number', { 'retry-after-ms': 'NaN' }],
  ['by a duration', { 'x-ratelimit-reset-requests': '6m0s', 'x-ratelimit-remaining-requests': '0' }],
]

const limitModes: readonly FaultMode[] = waits.map(([name, headers]) => ({
  name: `limited, to come back ${name}`,
  phase: 'status',
  wire: (material) => [write(reply(429, refusalBody(material, 'limited'), headers))],
  expect: limited,
}))

const redirectModes: readonly FaultMode[] = [301, 302, 307, 308].map((status) => ({
  name: `redirect ${status}`,
  phase: 'status',
  wire: () => [write(reply(status, {}, { location: 'http://127.0.0.1:9/elsewhere' }))],
  expect: fails('provider_error'),
  because: 'A redirect would carry the question, and the key, to an address that nobody configured.',
}))

export const refusalModes: readonly FaultMode[] = [
  ...statusModes,
  ...limitModes,
  {
    name: 'quota used up, told as a limit',
    phase: 'status',
    wire: (material) => [
      write(reply(429, material.wire.refusal('quota', 'You exceeded your current quota.'))),
    ],
    expect: fails('provider_quota'),
  },
  ...redirectModes,
  {
    name: 'a page of HTML for a refusal',
    phase: 'status',
    wire: () => [
      write(
        textReply(502, '<!doctype html><html><body><h1>Bad gateway</h1></body></html>', {
          'content-type': 'text/html',
        }),
      ),
    ],
    expect: fails('provider_error'),
  },
  {
    name: 'a refusal without body',
    phase: 'status',
    wire: () => [write(head(500, { 'content-length': '0' }))],
    expect: fails('provider_error'),
  },
  {
    name: 'a refusal whose body breaks off',
    phase: 'status',
    wire: () => [
      write(head(503, { ...jsonType, 'content-length': '500' }), '{"error":{"message":"Over'),
      breathe,
      rst,
    ],
    expect: fails('stream_cut', 'provider_overloaded'),
  },
  {
    name: 'a refusal whose body never comes',
    phase: 'status',
    wire: () => [write(head(503, { ...jsonType, 'content-length': '500' })), silence],
    expect: fails('provider_timeout', 'provider_overloaded'),
  },
  {
    name: 'a refusal whose body never ends',
    phase: 'status',
    isHeavy: true,
    wire: () => [write(head(500, { ...jsonType, ...chunked })), flooding(chunk('x'.repeat(1_048_576)))],
    expect: fails('provider_malformed', 'provider_error'),
  },
  {
    name: 'a refusal that closes its connection',
    phase: 'status',
    wire: (material) => [write(reply(500, refusalBody(material, 'internal'), { connection: 'close' })), fin],
    expect: fails('provider_error'),
  },
  {
    name: 'success without content',
    phase: 'status',
    wire: () => [write(head(204, {}))],
    expect: fails('provider_malformed', 'stream_cut'),
  },
  {
    name: 'a success status of its own',
    phase: 'harmless',
    wire: (material) =>
      soundReply(material).map((step) => (step.do === 'write' ? write(withStatus(step.bytes, 207)) : step)),
    expect: passes,
  },
]

/** The same bytes under another status. */
function withStatus(bytes: string | Uint8Array, status: number): Buffer {
  const all = Buffer.from(bytes as Uint8Array)
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}`), all.subarray('HTTP/1.1 200'.length)])
}
