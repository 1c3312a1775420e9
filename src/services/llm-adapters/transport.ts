/** The transport: the only way from here to a provider's socket. It adds the key, keeps the deadlines, follows nothing. */
import { Pool } from 'undici'
import type { Clock } from '#core/domain/clock.ts'
import type { Deadlines } from '#core/domain/deadlines.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import { createTurn } from '#core/domain/turn.ts'
import type { HttpCall } from '#services/llm-adapters/adapter.ts'
import { createDeadlineKeeper } from '#services/llm-adapters/transport/deadline-keeper.ts'
import { Exchange } from '#services/llm-adapters/transport/exchange.ts'
import type { ExchangeLimits } from '#services/llm-adapters/transport/exchange.ts'

export interface TransportSettings extends ExchangeLimits {
  /** Sockets kept open to one origin at most. */
  readonly connectionsPerOrigin: number
  /** How long an idle socket is kept; shorter than what providers and their proxies keep. */
  readonly keepAliveMs: number
}

export interface SendTerms {
  readonly provider: ProviderRow
  readonly secret: string | undefined
  readonly deadlines: Deadlines
  readonly signal: LeaveSignal
  /** Told, once the call is on its way, how to end it from outside with a Problem of one's own. */
  readonly sent?: ((stop: (problem: Problem) => void) => void) | undefined
}

export interface ProviderTransport {
  /** See the corridor's `Transport.send`. */
  send(call: HttpCall, terms: SendTerms): Promise<Exchange>
  /** Closes every pool; answers still running are cut. */
  close(): Promise<void>
}

interface Address {
  readonly pool: Pool
  /** Path prefix of the base URL, without a slash at the end. */
  readonly prefix: string
}

/** A key travels in a header: anything but visible ASCII would be a header of its own. */
const visibleAscii = /^[\x21-\x7e]+$/
const pathCharacters = /^\/[\x21-\x7e]*$/
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
/** RFC 9110 section 5.5: visible characters, spaces and tabs, and the bytes above ASCII that old servers know. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

export function createTransport(settings: TransportSettings, clock: Clock): ProviderTransport {
  const addresses = new Map<string, Address>()
  const pools = new Map<string, Pool>()
  const keeper = createDeadlineKeeper(clock)
  const headersOf = createHeaderWriter()
  const arrivals = createTurn()

  const addressOf = (provider: ProviderRow, connectMs: number): Address => {
    const known = addresses.get(provider.baseUrl)
    if (known) return known
    const url = new URL(provider.baseUrl)
    let pool = pools.get(url.origin)
    if (!pool) {
      pool = openPool(url.origin, settings, connectMs)
      pools.set(url.origin, pool)
    }
    const address = { pool, prefix: url.pathname.replace(/\/+$/, '') }
    addresses.set(provider.baseUrl, address)
    return address
  }

  const begin: ProviderTransport['send'] = (call, { provider, secret, deadlines, signal, sent }) => {
    if (signal.aborted) throw new Problem('caller_left')
    const headers = headersOf(call, provider, secret)
    const { pool, prefix } = addressOf(provider, deadlines.connectMs)
    const path = prefix + call.path
    refuseUnsendablePath(path)
    const exchange = new Exchange({ deadlines, limits: settings, keeper, clock, signal, arrivals })
    exchange.begin()
    pool.dispatch({ path, method: 'POST', headers, body: call.body }, exchange)
    sent?.((problem) => exchange.stop(problem))
    return exchange.begun
  }

  return {
    send(call, terms) {
      try {
        return begin(call, terms)
      } catch (thrown) {
        return Promise.reject(toProblem(thrown))
      }
    },
    async close() {
      keeper.stop()
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** What a socket reads ahead of its parser; a stream that is made to wait keeps it in memory. */
const socketBytesMax = 16_384

function openPool(origin: string, settings: TransportSettings, connectMs: number): Pool {
  // Undici hands this on to the socket; its types do not know the mark.
  const connect = { timeout: connectMs, highWaterMark: socketBytesMax }
  return new Pool(origin, {
    connections: settings.connectionsPerOrigin,
    keepAliveTimeout: settings.keepAliveMs,
    keepAliveMaxTimeout: settings.keepAliveMs,
    pipelining: 1,
    // While HTTP/2 may be agreed on, a pool lets one handshake go first: one silent address would hold up every request.
    allowH2: false,
    maxHeaderSize: 65_536,
    // The deadline keeper watches every phase; undici's own timers would be a second opinion.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect,
  })
}

/** The headers that every call to a provider carries, checked when they were put together. */
interface BaseHeaders {
  readonly secret: string | undefined
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** The header that carries the key, where one of these does. */
  readonly keyName: string | undefined
}

/** Names and values by turns, as undici takes them without looking for names. */
type FlatHeaders = string[]

/** Puts the headers of each provider together once, and again when its key changes. */
function createHeaderWriter() {
  const bases = new WeakMap<ProviderRow, BaseHeaders>()
  return (call: HttpCall, provider: ProviderRow, secret: string | undefined): FlatHeaders => {
    let base = bases.get(provider)
    if (base?.secret !== secret || !base) {
      const own = baseHeaders(provider, secret)
      const named = provider.auth === 'none' ? undefined : provider.auth.header
      // Whatever a call says, the key is ours to say.
      const keyName = named !== undefined && Object.hasOwn(own, named) ? named : undefined
      base = { secret, headers: Object.entries(own), keyName }
      bases.set(provider, base)
    }
    const { keyName } = base
    const headers: FlatHeaders = []
    for (const [name, value] of base.headers) {
      if (name === keyName || call.headers[name] === undefined) headers.push(name, value)
    }
    for (const name in call.headers) {
      const value = call.headers[name] ?? ''
      refuseUnsendableHeader(name, value)
      if (name !== keyName) headers.push(name, value)
    }
    return headers
  }
}

function baseHeaders(provider: ProviderRow, secret: string | undefined): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    // Compressed event streams are held back by compressors; nothing here gains from compression.
    'accept-encoding': 'identity',
    ...provider.headers,
  }
  for (const name in headers) refuseUnsendableHeader(name, headers[name] ?? '')
  if (provider.auth === 'none' || secret === undefined) return headers
  if (!visibleAscii.test(secret)) {
    throw new Problem('secret_missing', {
      detail: `The key of ${provider.name} has characters that no key has.`,
      facts: { provider: provider.name },
    })
  }
  headers[provider.auth.header] = provider.auth.prefix + secret
  return headers
}

/**
 * What cannot stand in a request line or a header is refused here. Undici would refuse it too, but its pool takes that
 * refusal for a busy connection and never uses the connection again.
 */
function refuseUnsendablePath(path: string): void {
  if (pathCharacters.test(path)) return
  throw new Problem('invalid_value', {
    detail: 'The model name has characters that no address has.',
    param: 'model',
  })
}

function refuseUnsendableHeader(name: string, value: string): void {
  if (headerName.test(name) && headerValue.test(value)) return
  throw new Problem('invalid_value', {
    detail: `The header ${JSON.stringify(name.slice(0, 64))} has characters that no header has.`,
  })
}
