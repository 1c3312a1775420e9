/** Execute: ask the targets in order, each as often as makes sense, until one begins to answer. */
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import type { Asked, AskedAnything, AskedErrand } from '#core/gateway/asked.ts'
import { hasteOf } from '#core/gateway/approach.ts'
import type { Destination } from '#core/gateway/approach.ts'
import { attemptWhole } from '#core/gateway/attempt.ts'
import type { Answered, BegunStream } from '#core/gateway/attempt.ts'
import { attemptErrand, createProgress } from '#core/gateway/errand-attempt.ts'
import { attemptHedged } from '#core/gateway/hedge.ts'
import type { Passage, Plan } from '#core/gateway/passage.ts'
import { isOfTargetAlone } from '#core/gateway/admit.ts'
import { rescuePolicyOf } from '#core/gateway/rescue-policy.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { recordFailedAttempt } from '#core/gateway/usage-row.ts'

/** A whole answer from the first target that gives one. Throws the Problem to show when none does. */
export function executeWhole(rooms: Rooms, plan: Plan<Asked>): Promise<Answered> {
  return tryTargets(rooms, plan, (destination) => attemptWhole(rooms, plan, destination))
}

/** A stream that has begun, from the first target that begins one. Throws as `executeWhole` does. */
export function executeStream(rooms: Rooms, plan: Plan<Asked>): Promise<BegunStream> {
  const settings = rooms.settings().rescue
  const policy = rescuePolicyOf(settings, plan.choice.route, plan.passage.asked.rescueWish)
  const hold = policy === 'hold' ? { tokens: settings.holdTokens, durationMs: settings.holdMs } : undefined
  return tryTargets(rooms, plan, (destination) => attemptHedged(rooms, plan, destination, { hold }))
}

/** An errand's answer from the first target that gives one. Throws as `executeWhole` does. */
export function executeErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  plan: Plan<AskedErrand<Kind>>,
): Promise<Answered<ErrandAnswer<Kind>>> {
  const progress = createProgress()
  return tryTargets(rooms, plan, async (destination) => ({
    target: destination.target,
    answer: await attemptErrand(rooms, plan, destination, progress),
  }))
}

/** What one attempt failed with. */
interface Failure {
  readonly target: Target
  readonly problem: Problem
}

type Attempt<T> = (destination: Destination) => Promise<T>

async function tryTargets<T>(rooms: Rooms, plan: Plan, attempt: Attempt<T>): Promise<T> {
  const { targets } = plan.choice
  const { receipt } = plan.passage
  const failures: Failure[] = []
  for (let position = 0; position < targets.length; position++) {
    const target = targets[position]
    if (!target || isPointless(target, failures)) continue
    const late = rooms.resilience.refuseLate(target, hasteOf(rooms, plan.passage))
    if (late) {
      failures.push({ target, problem: late })
      continue
    }
    if (receipt.attempts >= rooms.settings().attemptsPerRequest) break
    const others = targets.slice(position + 1)
    const result = await tryTarget(rooms, plan, target, { attempt, others, failures })
    if (result) return result.value
  }
  throw problemToShow(failures)
}

interface Trial<T> {
  readonly attempt: Attempt<T>
  /** Who may be asked after this one. */
  readonly others: readonly Target[]
  readonly failures: Failure[]
}

/** Asks one target, again where that helps. Undefined when the next target should be tried. */
async function tryTarget<T>(
  rooms: Rooms,
  plan: Plan,
  target: Target,
  { attempt, others, failures }: Trial<T>,
): Promise<{ readonly value: T } | undefined> {
  const { passage } = plan
  const { asked, receipt } = passage
  const tried: string[] = []
  const hasOtherTargets = others.length > 0
  const mayMoveOn = () =>
    receipt.attempts < rooms.settings().attemptsPerRequest &&
    others.some((other) => rooms.resilience.signalOf(targetName(other)).isAvailable)
  for (let attempts = 1; ; attempts++) {
    const attemptsBefore = receipt.attempts
    const startedAtMs = rooms.clock.monotonicMs()
    try {
      return { value: await attempt({ target, tried, mayMoveOn }) }
    } catch (thrown) {
      const problem = naming(target, toProblem(thrown))
      failures.push({ target, problem })
      if (!isEndedByCaller(rooms, asked, problem)) passage.unanswered = undefined
      if (receipt.attempts > attemptsBefore) noteFailure(rooms, passage, { target, problem, startedAtMs })
      if (isOfTargetAlone(problem)) return undefined
      if (receipt.attempts >= rooms.settings().attemptsPerRequest) throw problemToShow(failures)
      const haste = hasteOf(rooms, passage)
      const failed = { problem, target, attempts, tried, hasOtherTargets, haste }
      const delayMs = rooms.resilience.retryDelayMs(failed)
      if (delayMs === undefined) break
      if (delayMs > 0) await rooms.pause(delayMs, asked.signal)
    }
  }
  const last = failures.at(-1)?.problem
  if (last && mayGoElsewhere(rooms, last)) return undefined
  throw last?.kind.isRetryable === false ? last : problemToShow(failures)
}

/** Refused content is taken to another model only where the operator says so: elsewhere it might pass. */
function mayGoElsewhere(rooms: Rooms, { code, kind }: Problem): boolean {
  return kind.isReroutable || (code === 'content_filtered' && rooms.settings().reroutesFilteredContent)
}

/** An attempt that its caller left is charged at the end, and has its row then. */
function noteFailure(
  rooms: Rooms,
  passage: Passage,
  failure: Failure & { readonly startedAtMs: number },
): void {
  if (failure.problem.code === 'caller_left' && passage.unanswered) {
    passage.upstreamMs += rooms.clock.monotonicMs() - failure.startedAtMs
  } else recordFailedAttempt(rooms, passage, failure)
}

/** Whoever leaves, or gave less time than the answer took, has had the provider work all the same. */
function isEndedByCaller(
  { clock }: Rooms,
  { deadlineMs, beginMs, startedAtMs }: AskedAnything,
  problem: Problem,
): boolean {
  if (problem.code === 'caller_left') return true
  const patienceMs = Math.min(
    deadlineMs ?? beginMs ?? Number.POSITIVE_INFINITY,
    beginMs ?? Number.POSITIVE_INFINITY,
  )
  return problem.code === 'provider_timeout' && clock.monotonicMs() - startedAtMs >= patienceMs
}

/** A provider's failure says whose it is; what a socket reports does not know. */
function naming({ provider }: Target, problem: Problem): Problem {
  if (problem.kind.fault !== 'provider' || problem.details.provider !== undefined) return problem
  const detail = `${provider.title}: ${problem.message}`
  return new Problem(problem.code, { ...problem.details, detail, provider: provider.name })
}

/** A question that was too long for one target is not sent to another that reads no more. */
function isPointless({ card }: Target, failures: readonly Failure[]): boolean {
  return failures.some(
    ({ target, problem }) =>
      problem.code === 'context_length_exceeded' && card.contextTokens <= target.card.contextTokens,
  )
}

/** One failure speaks for itself; several are told together, with each target's own reason. */
function problemToShow(failures: readonly Failure[]): Problem {
  const last = failures.at(-1)
  if (!last) return new Problem('no_capable_model')
  const codes = new Set(failures.map(({ problem }) => problem.code))
  if (codes.size === 1) return last.problem
  const attempts = failures.map(({ target, problem }) => ({ target: targetName(target), code: problem.code }))
  const waits = failures.flatMap(({ problem }) => problem.details.retryAfterMs ?? [])
  return new Problem('all_targets_failed', {
    facts: { attempts },
    ...(waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {}),
    cause: last.problem,
  })
}
