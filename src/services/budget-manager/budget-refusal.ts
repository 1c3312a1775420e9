/** A refusal in words: whose budget it is, what it stands at, and when it has money again. */
import { isoText, isRolling } from '#core/domain/budget-window.ts'
import type { Shortage } from '#core/domain/ledger-hold.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { CountedScope } from '#services/budget-manager/budget-limits.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { countersOf } from '#services/budget-manager/span-balance.ts'

export interface Refusal {
  readonly shortage: Shortage
  /** The counters that were asked for; the one that refused is among them. */
  readonly scopes: readonly CountedScope[]
  /** What even a short answer costs. */
  readonly amountLeast: NanoUsd
}

/** Throws the `budget_exceeded` that tells of it, later where the ledger must be asked for it. */
export function refuse(ledger: Ledger, refusal: Refusal): Promise<never> {
  const problem = refusalProblem(ledger, refusal)
  if (!(problem instanceof Promise)) throw problem
  return problem.then((known) => {
    throw known
  })
}

function refusalProblem(ledger: Ledger, refusal: Refusal): Soon<Problem> {
  const { shortage, scopes } = refusal
  const refusing = scopes.find(({ scope, window }) => scope === shortage.scope && window === shortage.window)
  if (!refusing || !isRolling(refusing.kind)) {
    return problemOf(refusal, { window: shortage.window, resetsAtMs: shortage.resetsAtMs })
  }
  const window = refusing.kind
  const freeAt = rollsFreeAt(ledger, refusing, refusal)
  if (!(freeAt instanceof Promise)) return problemOf(refusal, { window, resetsAtMs: freeAt })
  return freeAt.then(
    (resetsAtMs) => problemOf(refusal, { window, resetsAtMs }),
    // The refusal stands even if the store goes away now: by the end of all that counts there is money again.
    () => problemOf(refusal, { window, resetsAtMs: refusing.resetsAtMs }),
  )
}

/** When enough has left a rolling window to pay for the request; undefined when all of it would not be enough. */
function rollsFreeAt(
  ledger: Ledger,
  refusing: CountedScope,
  { shortage, amountLeast }: Refusal,
): Soon<number | undefined> {
  const { scope, window, earlier = [], resetsAtMs } = refusing
  const needed = shortage.settled + shortage.reserved + amountLeast - shortage.limit
  const asked = countersOf({ scope, span: { id: window, earlier } })
  const [current, ...older] = asked
  if (!current) return undefined
  const balances = ledger.balances([...older, current])
  const find = (parts: Awaited<typeof balances>) => {
    let left = needed
    for (const [position, { settled, reserved }] of parts.entries()) {
      left -= settled + reserved
      if (left <= 0) return earlier[position]?.resetsAtMs ?? resetsAtMs
    }
    return undefined
  }
  return balances instanceof Promise ? balances.then(find) : find(balances)
}

function problemOf(
  { shortage, amountLeast }: Refusal,
  { window, resetsAtMs }: { readonly window: string; readonly resetsAtMs: number | undefined },
): Problem {
  const { scope, limit, settled, reserved } = shortage
  const reset = resetsAtMs === undefined ? null : isoText(resetsAtMs)
  const isPrepaid = window === 'prepaid'
  const again = isRolling(window as CountedScope['kind']) ? 'Enough of it is free again' : 'It begins anew'
  return new Problem('budget_exceeded', {
    detail:
      (isPrepaid
        ? `Into the prepaid balance of ${scope} $${formatUsd(limit)} was paid in all: `
        : `The budget of ${scope} for ${window} is $${formatUsd(limit)}: `) +
      `$${formatUsd(settled)} is spent and $${formatUsd(reserved)} is held by running requests. ` +
      `This request needs $${formatUsd(amountLeast)} for even a short answer.` +
      (reset === null ? '' : ` ${again} at ${reset}.`),
    ...(reset === null
      ? { mend: isPrepaid ? 'Top the balance up.' : 'Ask an administrator to raise the limit.' }
      : {}),
    facts: {
      scope,
      window,
      limit_usd: formatUsd(limit),
      spent_usd: formatUsd(settled),
      held_usd: formatUsd(reserved),
      needed_usd: formatUsd(amountLeast),
      resets_at: reset,
    },
  })
}
