/** One exchange with a provider: from the request's first byte to the reply's last, read at the reader's own pace. */
import type { Dispatcher } from 'undici'
import type { Clock } from '#core/domain/clock.ts'
import { nowhere } from '#core/domain/crowd.ts'
import type { Deadlines } from '#core/domain/deadlines.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Turn } from '#core/domain/turn.ts'
import type { DeadlineKeeper, Watched } from '#services/llm-adapters/transport/deadline-keeper.ts'
import { problemOfSocket } from '#services/llm-adapters/transport/socket-problem.ts'

export interface ExchangeLimits {
  /** The largest body that is read as a whole. */
  readonly wholeBytesMax: number
  /** The most that a stream may bring in all. */
  readonly streamBytesMax: number
  /** Unread bytes at which the provider is made to wait. */
  readonly unreadBytesMax: number
}

export interface ExchangeTerms {
  /** `headersMs` is kept here until the headers have come, and `firstTokenMs` by the reader from then on. */
  readonly deadlines: Deadlines
  readonly limits: ExchangeLimits
  readonly keeper: DeadlineKeeper
  readonly clock: Clock
  readonly signal: LeaveSignal
  /** What replies bring in one turn of the event loop is handed out together. */
  readonly arrivals: Turn
}

type Controller = Dispatcher.DispatchController

/** How long a finished answer's connection may take to end before it is closed. */
const drainMs = 1_000

/** Takes undici's events in and hands the body out piece by piece. `begun` settles with the status line. */
export class Exchange implements Watched, Dispatcher.DispatchHandler {
  readonly begun: Promise<this>
  status = 0
  headers: Readonly<Record<string, string>> = {}
  dueAtMs: number
  place = nowhere

  readonly #terms: ExchangeTerms
  readonly #totalDueMs: number
  #settle!: { resolve: (exchange: Exchange) => void; reject: (problem: Problem) => void }
  #controller: Controller | undefined
  #pieces: Uint8Array[] = []
  #queuedBytes = 0
  #receivedBytes = 0
  #hasEnded = false
  /** Something came that its reader will hear of at the end of this turn. */
  #isArriving = false
  #isDraining = false
  #problem: Problem | undefined
  #waiting:
    | { resolve: (piece: Uint8Array | undefined) => void; reject: (problem: Problem) => void }
    | undefined
  readonly #leave = () => this.#fail(new Problem('caller_left'))

  readonly #arrive = () => {
    this.#isArriving = false
    if (this.#problem) return
    if (this.status !== 0) this.#settle.resolve(this)
    const waiting = this.#waiting
    if (!waiting) return
    if (this.#pieces.length === 0 && !this.#hasEnded) return
    this.#waiting = undefined
    waiting.resolve(this.#pieces.length === 0 ? undefined : this.#takeSome())
  }

  constructor(terms: ExchangeTerms) {
    const now = terms.clock.monotonicMs()
    this.#terms = terms
    this.#totalDueMs = now + terms.deadlines.totalMs
    this.dueAtMs = Math.min(now + terms.deadlines.headersMs, this.#totalDueMs)
    this.begun = new Promise((resolve, reject) => {
      this.#settle = { resolve: resolve as (exchange: Exchange) => void, reject }
    })
  }

  begin(): void {
    this.#terms.keeper.watch(this)
    this.#terms.signal.addEventListener('abort', this.#leave, { once: true })
  }

  /** The next piece of the body (several small ones that wait come as one), or undefined at its end. */
  next(withinMs?: number): Promise<Uint8Array | undefined> {
    if (this.#pieces.length > 0) return Promise.resolve(this.#takeSome())
    if (this.#problem) return Promise.reject(this.#problem)
    if (this.#hasEnded) return Promise.resolve(undefined)
    const waitMs = withinMs ?? this.#terms.deadlines.idleMs
    this.dueAtMs = Math.min(this.#terms.clock.monotonicMs() + waitMs, this.#totalDueMs)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** The whole body. Throws `provider_malformed` above the limit. */
  whole(): Promise<Uint8Array> {
    // A short reply is usually here at once, head and body in one read of the socket.
    const isHere = this.#hasEnded && !this.#problem && this.#queuedBytes <= this.#terms.limits.wholeBytesMax
    return isHere ? Promise.resolve(this.#takeAll()) : this.#readOn()
  }

  async #readOn(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let bytes = 0
    for (;;) {
      const piece = await this.next()
      if (piece === undefined) break
      bytes += piece.byteLength
      if (bytes > this.#terms.limits.wholeBytesMax)
        throw this.#fail(tooLarge(this.#terms.limits.wholeBytesMax))
      pieces.push(piece)
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
  }

  cancel(): void {
    this.#pieces = []
    this.#queuedBytes = 0
    if (!this.#hasEnded) this.#fail(new Problem('caller_left'))
  }

  /** Ends it with this problem, for whoever waits for it. */
  stop(problem: Problem): void {
    this.#pieces = []
    this.#queuedBytes = 0
    this.#fail(problem)
  }

  drain(): void {
    if (this.#hasEnded || this.#problem) return
    this.#isDraining = true
    this.#takeAll()
    this.#terms.signal.removeEventListener('abort', this.#leave)
    this.dueAtMs = this.#terms.clock.monotonicMs() + drainMs
  }

  expire(): void {
    const phase = this.#phase()
    const detail = `The provider took too long ${phaseWords[phase]}.`
    this.#fail(new Problem('provider_timeout', { detail, facts: { phase } }))
  }

  /** Which deadline has passed. */
  #phase(): 'headers' | 'idle' | 'deadline' {
    if (this.dueAtMs >= this.#totalDueMs) return 'deadline'
    if (this.status !== 0) return 'idle'
    const { isHurried, headersMs, firstTokenMs } = this.#terms.deadlines
    return isHurried && headersMs >= firstTokenMs ? 'deadline' : 'headers'
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#problem) controller.abort(this.#problem)
  }

  onResponseStart(controller: Controller, status: number, headers: Readonly<Record<string, unknown>>): void {
    if (status < 200) return
    this.#controller = controller
    this.status = status
    this.headers = singleHeaders(headers)
    this.dueAtMs = this.#totalDueMs
    this.#announce()
  }

  onResponseData(controller: Controller, piece: Buffer): void {
    this.#receivedBytes += piece.byteLength
    if (this.#isDraining || this.#problem) return
    if (this.#receivedBytes > this.#terms.limits.streamBytesMax) {
      this.#fail(tooLarge(this.#terms.limits.streamBytesMax))
      return
    }
    this.#pieces.push(piece)
    this.#queuedBytes += piece.byteLength
    if (this.#queuedBytes > this.#terms.limits.unreadBytesMax && !controller.paused) controller.pause()
    if (this.#waiting) this.#announce()
  }

  onResponseEnd(): void {
    this.#hasEnded = true
    this.#release()
    if (this.#waiting) this.#announce()
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#fail(error instanceof Problem ? error : problemOfSocket(error, this.status !== 0))
  }

  /** Has the reader hear of what came at the end of this turn; no deadline passes until then. */
  #announce(): void {
    this.dueAtMs = this.#totalDueMs
    if (this.#isArriving) return
    this.#isArriving = true
    this.#terms.arrivals.join(this.#arrive)
  }

  #takeAll(): Uint8Array {
    const taken = joined(this.#pieces)
    this.#pieces = []
    this.#queuedBytes = 0
    if (this.#controller?.paused) this.#controller.resume()
    return taken
  }

  /** What a slow reader is given at once lies in memory until it is taken, beside what is read meanwhile. */
  #takeSome(): Uint8Array {
    if (this.#pieces.length === 1 || this.#queuedBytes <= joinedBytesMax) return this.#takeAll()
    let count = 0
    let bytes = 0
    for (const { byteLength } of this.#pieces) {
      if (count > 0 && bytes + byteLength > joinedBytesMax) break
      bytes += byteLength
      count++
    }
    const taken = joined(this.#pieces.splice(0, count))
    this.#queuedBytes -= bytes
    const hasRoom = this.#queuedBytes <= this.#terms.limits.unreadBytesMax
    if (hasRoom && this.#controller?.paused) this.#controller.resume()
    return taken
  }

  /** Ends the exchange with a problem; the first one counts. */
  #fail(problem: Problem): Problem {
    if (this.#problem ?? this.#hasEnded) return problem
    this.#problem = problem
    this.#release()
    // What had come before is told first, though its turn has not ended.
    if (this.status === 0) this.#settle.reject(problem)
    else this.#settle.resolve(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#pieces.length > 0) waiting?.resolve(this.#takeSome())
    else waiting?.reject(problem)
    if (this.#controller && !this.#controller.aborted) this.#controller.abort(problem)
    return problem
  }

  #release(): void {
    this.#terms.keeper.forget(this)
    this.#terms.signal.removeEventListener('abort', this.#leave)
  }
}

/** Above it pieces that wait are handed out one by one. */
const joinedBytesMax = 16_384

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const [first] = pieces
  return pieces.length === 1 && first ? first : Buffer.concat(pieces)
}

const phaseWords = {
  headers: 'to begin its answer',
  idle: 'between two pieces of its answer',
  deadline: 'as a whole',
} as const

const tooLarge = (bytesMax: number) =>
  new Problem('provider_malformed', { detail: `The provider sent more than ${bytesMax} bytes.` })

/** Headers with one value each; of repeated ones the values are joined as RFC 9110 section 5.2 says. */
function singleHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return hasTextAlone(headers) ? headers : joinedHeaders(headers)
}

function hasTextAlone(
  headers: Readonly<Record<string, unknown>>,
): headers is Readonly<Record<string, string>> {
  for (const name in headers) if (typeof headers[name] !== 'string') return false
  return true
}

function joinedHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const single: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') single[name] = value
    else if (Array.isArray(value)) single[name] = value.join(', ')
  }
  return single
}
