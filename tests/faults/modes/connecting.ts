/** Faults of the connection, and of the time in which the request is heard. */
import { fails, passes } from '#tests/faults/fault-mode.ts'
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { headOf, soundReply } from '#tests/faults/spoken.ts'
import { breathe, dripping, fin, head, jsonType, rst, silence, write } from '#tests/faults/wire-step.ts'

const nothing = () => []

export const connectingModes: readonly FaultMode[] = [
  {
    name: 'connection refused',
    phase: 'connecting',
    place: 'refused',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'name not found',
    phase: 'connecting',
    place: 'unknown-host',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'connection swallowed by a black hole',
    phase: 'connecting',
    place: 'black-hole',
    wire: nothing,
    expect: fails('provider_unreachable', 'provider_timeout'),
  },
  {
    name: 'reset as soon as connected',
    phase: 'connecting',
    place: 'reset-on-accept',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'closed as soon as connected',
    phase: 'connecting',
    place: 'closed-on-accept',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS with a certificate that nobody vouches for',
    phase: 'connecting',
    place: 'tls-unvouched',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS with a certificate that has expired',
    phase: 'connecting',
    place: 'tls-expired',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS with a certificate of another name',
    phase: 'connecting',
    place: 'tls-other-name',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS with a certificate that holds',
    phase: 'harmless',
    place: 'tls-sound',
    // Handshakes take their time; connecting has a real clock.
    isHeavy: true,
    wire: soundReply,
    expect: passes,
    because: 'So that the others fail for what is wrong with them.',
  },
  {
    name: 'TLS answered in plain text',
    phase: 'connecting',
    place: 'tls-plain',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS reset in the handshake',
    phase: 'connecting',
    place: 'tls-reset',
    wire: nothing,
    expect: fails('provider_unreachable'),
  },
  {
    name: 'TLS handshake without an answer',
    phase: 'connecting',
    place: 'tls-silent',
    wire: nothing,
    expect: fails('provider_unreachable', 'provider_timeout'),
  },
  {
    name: 'reset while the request is being sent',
    phase: 'request',
    place: 'early-reset',
    wire: () => [rst],
    expect: fails('provider_unreachable'),
  },
  {
    name: 'closed while the request is being sent',
    phase: 'request',
    place: 'early-fin',
    wire: () => [fin],
    expect: fails('provider_unreachable'),
  },
  {
    name: 'reset after the request',
    phase: 'request',
    wire: () => [rst],
    expect: fails('provider_unreachable'),
  },
  {
    name: 'closed after the request',
    phase: 'request',
    wire: () => [fin],
    expect: fails('provider_unreachable'),
  },
  { name: 'no answer at all', phase: 'request', wire: () => [silence], expect: fails('provider_timeout') },
]

export const headModes: readonly FaultMode[] = [
  {
    name: 'closed within the status line',
    phase: 'head',
    wire: () => [write('HTTP/1.1 20'), breathe, fin],
    expect: fails('provider_unreachable', 'provider_malformed'),
  },
  {
    name: 'reset within the headers',
    phase: 'head',
    wire: (material) => [write(headOf(material).slice(0, 40)), breathe, rst],
    expect: fails('provider_unreachable'),
  },
  {
    name: 'silent within the headers',
    phase: 'head',
    wire: (material) => [write(headOf(material).slice(0, 40)), silence],
    expect: fails('provider_timeout'),
  },
  {
    name: 'headers that never end, drop by drop',
    phase: 'head',
    wire: (material) => [write(headOf(material).slice(0, -2)), dripping('x-more: 1\r\n')],
    expect: fails('provider_timeout', 'provider_malformed'),
  },
  {
    name: 'headers beyond all measure',
    phase: 'head',
    wire: (material) => [
      write(headOf(material).slice(0, -2), `x-large: ${'a'.repeat(200_000)}\r\n\r\n`),
      silence,
    ],
    expect: fails('provider_malformed', 'provider_unreachable'),
  },
  {
    name: 'a greeting of another protocol',
    phase: 'head',
    wire: () => [write('220 mail.example.com ESMTP ready\r\n'), silence],
    expect: fails('provider_malformed'),
  },
  {
    name: 'a length and chunks at once',
    phase: 'head',
    wire: ({ whole }) => [
      write(
        head(200, { ...jsonType, 'content-length': '5', 'transfer-encoding': 'chunked' }),
        JSON.stringify(whole),
      ),
      silence,
    ],
    expect: fails('provider_malformed', 'stream_cut'),
    because: 'Two lengths are how one reply is smuggled into another (RFC 9112, section 6.1).',
  },
  {
    name: 'two different lengths',
    phase: 'head',
    wire: ({ whole }) => [
      write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\n', JSON.stringify(whole)),
      silence,
    ],
    expect: fails('provider_malformed'),
  },
  {
    name: 'early hints before the reply',
    phase: 'harmless',
    wire: (material) => [write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'), ...soundReply(material)],
    expect: passes,
  },
  {
    name: 'a second reply that nobody asked for',
    phase: 'at the end',
    wire: (material) => [...soundReply(material), write(head(200, { 'content-length': '0' })), silence],
    expect: passes,
    because: 'The answer is whole; the connection is not used again.',
  },
]
