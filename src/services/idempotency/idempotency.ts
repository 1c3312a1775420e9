/** Idempotency: a request that is sent again under its key is carried out once, on however many instances it arrives. */
import { hash } from 'node:crypto'
import type { Caller } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import type { LeaveSignal } from '#core/domain/leave-signal.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { CallOutcome, HeldKey, KeyBook, KeyState } from '#services/idempotency/key-book.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { AnswerSeal } from '#services/idempotency/sealed-answer.ts'

export interface IdempotencySettings {
  readonly isEnabled: boolean
  readonly rememberMs: number
  readonly leaseMs: number
  /** How long a repetition waits for the end of a call at another instance; then it is told to come again. */
  readonly waitMs: number
  /** Repetitions that wait at once; more are told to come again without waiting. */
  readonly waitingMax: number
  /** What one running stream keeps for those who join it later. */
  readonly streamBytesMax: number
  /** How long a call that everybody left goes on, so that a repetition may still find it. */
  readonly lingerMs: number
  /** 0 keeps no answers. */
  readonly answersKeptMs: number
  /** How long an answer that is not kept lies there for those who wait for it at other instances; 0: not at all. */
  readonly answersHandedMs: number
  readonly answerBytesMax: number
}

export interface IdempotencyPorts {
  readonly book: KeyBook
  readonly seal: AnswerSeal
  readonly clock: Clock
  /** Waits; ends early with `caller_left` when the signal is aborted. */
  readonly pause: (durationMs: number, signal: LeaveSignal) => Promise<void>
  readonly report: (failure: unknown, place: string) => void
}

export interface ClaimWish {
  readonly name: string
  readonly fingerprint: string
  readonly requestId: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: LeaveSignal
}

export type Claim =
  | { readonly kind: 'granted'; readonly held: HeldKey }
  /** What `finish` was given, as far as it was kept. */
  | { readonly kind: 'kept'; readonly given: unknown }

export interface Idempotency {
  settings(): IdempotencySettings
  /** Where a caller's key stands in the book: no two tenants, and no two API keys of one, share a name. */
  nameOf(caller: Pick<Caller, 'tenantId' | 'keyId'>, key: string): string
  /**
   * The right to carry out a call, or its kept answer. Waits while another instance is at work under the same key.
   * Throws `idempotency_key_reused`, `idempotency_in_progress`, `already_completed`, `caller_left`, `store_unavailable`.
   */
  claim(wish: ClaimWish): Promise<Claim>
  /** Writes down what a call came to, with what may be given again. Never throws. */
  finish(held: HeldKey, outcome: CallOutcome, given: (() => unknown) | undefined): Promise<void>
  /** The call failed and cost nothing: the next one under the key may try. Never throws. */
  release(held: HeldKey): Promise<void>
  /** Lengthens the leases of the calls that run here, and gives back what nobody uses. To be called at least thrice within a lease. */
  renew(): Promise<void>
  prune(): Promise<void>
}

/** Between two looks at a call that another instance carries out: short at first, as most calls are. */
const firstLookMs = 50
const looksMostMs = 1_000

export function createIdempotency(ports: IdempotencyPorts, settings: () => IdempotencySettings): Idempotency {
  const { book, clock, report } = ports
  const running = new Map<string, HeldKey>()
  const doubted = createDoubted(book)
  const claim = createClaim(ports, settings)

  const end = async (held: HeldKey, place: string, write: () => Soon<void>) => {
    running.delete(held.requestId)
    try {
      await write()
    } catch (failure) {
      report(failure, place)
    }
  }
  return {
    settings,
    nameOf: ({ tenantId, keyId }, key) =>
      `${tenantId}/${hash('sha256', JSON.stringify([tenantId, keyId, key]), 'base64url')}`,
    async claim(wish) {
      const claimed = await claim(wish).catch((failure: unknown) => {
        if (isUnavailable(failure)) doubted.add(wish)
        throw failure
      })
      if (claimed.kind === 'granted') running.set(wish.requestId, claimed.held)
      return claimed
    },
    finish: (held, outcome, given) =>
      end(held, 'writing down how a call under an idempotency key ended', async () => {
        const { answersKeptMs, answersHandedMs } = settings()
        const write = (keepMs: number, unlessAwaited: boolean) => {
          const answer = sealedAnswer(ports.seal, { ...settings(), keepMs }, held, given)
          return book.finish(held, { outcome, answer, unlessAwaited, nowMs: clock.nowMs() })
        }
        const isHanded = given !== undefined && answersKeptMs === 0 && answersHandedMs > 0
        const isAwaited = await write(answersKeptMs, isHanded)
        if (isAwaited) await write(answersHandedMs, false)
      }),
    release: (held) => end(held, 'giving an idempotency key back', () => book.release(held)),
    async renew() {
      await doubted.release()
      if (running.size === 0) return
      await book.renew([...running.values()], { nowMs: clock.nowMs(), leaseMs: settings().leaseMs })
    },
    async prune() {
      await book.prune(clock.nowMs())
    },
  }
}

const isUnavailable = (failure: unknown) => failure instanceof Problem && failure.code === 'store_unavailable'

const doubtedMax = 10_000

/**
 * Keys whose claim was refused because the store gave no answer. It may still have heard it, or hear it once it wakes,
 * and would hold the key for a request that was refused.
 */
function createDoubted(book: KeyBook) {
  const doubted = new Map<string, HeldKey>()
  return {
    add({ name, requestId }: HeldKey): void {
      if (doubted.size < doubtedMax) doubted.set(requestId, { name, requestId })
    },
    /** What cannot be given back yet is tried again the next time; the outage is told by those who ask. */
    async release(): Promise<void> {
      for (const held of doubted.values()) {
        try {
          await book.release(held)
        } catch {
          return
        }
        doubted.delete(held.requestId)
      }
    },
  }
}

function createClaim(
  { book, seal, clock, pause }: IdempotencyPorts,
  settings: () => IdempotencySettings,
): (wish: ClaimWish) => Promise<Claim> {
  let waiting = 0

  const look = async (
    { name, fingerprint, requestId }: ClaimWish,
    awaitMs: number,
  ): Promise<Claim | 'running'> => {
    const { leaseMs, rememberMs } = settings()
    const found: KeyState = await book.claim({
      name,
      fingerprint,
      requestId,
      nowMs: clock.nowMs(),
      leaseMs,
      rememberMs,
      awaitMs,
    })
    if (found.state === 'granted') return { kind: 'granted', held: { name, requestId } }
    if (found.state === 'running') return 'running'
    if (found.state === 'other-request') throw new Problem('idempotency_key_reused')
    const given = found.answer === undefined ? undefined : seal.open(name, found.answer)
    if (given === undefined) throw completedProblem(found.outcome)
    return { kind: 'kept', given }
  }

  return async (wish) => {
    const { waitMs, waitingMax } = settings()
    const first = await look(wish, waiting < waitingMax ? waitMs : 0)
    if (first !== 'running') return first
    if (waiting >= waitingMax) throw inProgressProblem()
    waiting++
    try {
      const untilMs = clock.monotonicMs() + waitMs
      for (let pauseMs = firstLookMs; clock.monotonicMs() + pauseMs <= untilMs;) {
        await pause(pauseMs, wish.signal)
        const next = await look(wish, Math.max(0, Math.ceil(untilMs - clock.monotonicMs())))
        if (next !== 'running') return next
        pauseMs = Math.min(pauseMs * 2, looksMostMs)
      }
      throw inProgressProblem()
    } finally {
      waiting--
    }
  }
}

function sealedAnswer(
  seal: AnswerSeal,
  { keepMs, answerBytesMax }: Pick<IdempotencySettings, 'answerBytesMax'> & { readonly keepMs: number },
  { name }: HeldKey,
  given: (() => unknown) | undefined,
) {
  if (keepMs === 0 || !given) return undefined
  const text = seal.seal(name, given())
  return text.length > answerBytesMax ? undefined : { text, keepMs }
}

const retryInProgressMs = 1_000

const inProgressProblem = () => new Problem('idempotency_in_progress', { retryAfterMs: retryInProgressMs })

/** Most clients show the sentence alone: what was paid, and for which request, is in it and in the facts. */
function completedProblem(outcome: CallOutcome): Problem {
  const { requestId, problem, inputTokens, outputTokens } = outcome
  const costUsd = formatUsd(toNanoUsd(outcome.costNanoUsd))
  const how = problem === null ? 'was answered, and its answer is not kept' : `broke off (${problem})`
  return new Problem('already_completed', {
    detail:
      `The call with this idempotency key ${how}. It was request ${requestId}, ` +
      `of ${inputTokens ?? 0} input and ${outputTokens ?? 0} output tokens, and cost $${costUsd}.`,
    facts: {
      original_request_id: requestId,
      status: outcome.status,
      problem,
      provider: outcome.provider,
      model: outcome.model,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cost_usd: costUsd,
    },
  })
}
