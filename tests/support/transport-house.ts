// A transport to a scripted upstream, for tests of the transport.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Problem } from '../../src/core/domain/problem.ts'
import type { ProblemCode } from '../../src/core/domain/problem.ts'
import type { ProviderRow } from '../../src/core/domain/target.ts'
import type { HttpCall } from '../../src/services/llm-adapters/adapter.ts'
import { createTransport } from '../../src/services/llm-adapters/transport.ts'
import type { SendTerms, TransportSettings } from '../../src/services/llm-adapters/transport.ts'
import { row } from './routing-house.ts'
import { openUpstream } from './scripted-upstream.ts'
import type { Behaviour } from './scripted-upstream.ts'

export const call: HttpCall = {
  path: '/chat/completions?a=1',
  headers: { 'x-extra': 'yes' },
  body: '{"model":"é"}',
  isStreamed: true,
  dropped: [],
}
/** Long enough never to be met by accident, short enough that a broken test ends. */
export const patient = {
  connectMs: 5_000,
  headersMs: 60_000,
  firstTokenMs: 5_000,
  idleMs: 5_000,
  totalMs: 10_000,
  isHurried: false,
}
const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
const usual: TransportSettings = {
  connectionsPerOrigin: 8,
  keepAliveMs: 4_000,
  wholeBytesMax: 100_000,
  streamBytesMax: 1_000_000,
  unreadBytesMax: 131_072,
}

interface TermsWish extends Partial<Omit<SendTerms, 'provider' | 'deadlines'>> {
  readonly row?: Partial<ProviderRow>
  readonly deadlines?: Partial<SendTerms['deadlines']>
}

export async function transportHouse(
  context: TestContext,
  behave: Behaviour,
  settings: Partial<TransportSettings> = {},
) {
  const upstream = await openUpstream(behave)
  const transport = createTransport({ ...usual, ...settings }, clock)
  context.after(async () => {
    await transport.close()
    await upstream.close()
  })
  const send = (wish: TermsWish = {}) =>
    transport.send(call, {
      provider: row('openai', { baseUrl: upstream.baseUrl, ...wish.row }),
      secret: 'secret' in wish ? wish.secret : 'sk-1',
      deadlines: {
        ...patient,
        headersMs: wish.deadlines?.firstTokenMs ?? patient.headersMs,
        ...wish.deadlines,
      },
      signal: wish.signal ?? new AbortController().signal,
    })
  return { upstream, transport, send }
}

export const isProblem = (code: ProblemCode) => (thrown: unknown) => {
  assert.ok(thrown instanceof Problem, String(thrown))
  assert.equal(thrown.code, code, thrown.message)
  return true
}

export const answer: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'x-many': ['a', 'b'] }).end('{"ok":true}')
}

export const textOf = async (reply: { whole(): Promise<Uint8Array> }) =>
  Buffer.from(await reply.whole()).toString()
