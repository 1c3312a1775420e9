/** Counters that a rerating differs from, told or corrected, as `signalbox prices rerate` prints them. */
import type { CorrectionRoom } from '#composition/correction-room.ts'
import type { DriftedCounter } from '#composition/counter-drift.ts'
import { formatUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'

interface ToldCounter {
  readonly scope: string
  readonly window: string
  readonly difference_usd: string
  /** Where corrections are applied: by how much the counter was changed, null when it was left as it is. */
  readonly applied_usd?: string | null
}

interface CorrectionLines {
  readonly told: readonly ToldCounter[]
  readonly text: string
}

/** With a room the counters are corrected. Throws `store_unavailable`; what was corrected until then stays, and is not repeated. */
export async function correctionLines(
  found: readonly DriftedCounter[],
  room: CorrectionRoom | undefined,
): Promise<CorrectionLines> {
  // What is even again may have been corrected before: it is told to the ledger, and to nobody else.
  const applied = room ? await corrected(found, room) : new Map<DriftedCounter, NanoUsd>()
  const worthTelling = found.filter(
    (counter) => counter.differenceNanoUsd !== 0 || (applied.get(counter) ?? 0) !== 0,
  )
  const told = worthTelling.map((counter) => {
    const change = applied.get(counter)
    return {
      scope: counter.scope,
      window: counter.window,
      difference_usd: formatUsd(counter.differenceNanoUsd),
      ...(room ? { applied_usd: change === undefined ? null : formatUsd(change) } : {}),
    }
  })
  return { told, text: room ? appliedText(told) : toldText(told) }
}

async function corrected(
  found: readonly DriftedCounter[],
  room: CorrectionRoom,
): Promise<ReadonlyMap<DriftedCounter, NanoUsd>> {
  const changes = new Map<DriftedCounter, NanoUsd>()
  for (const counter of found) {
    const { scope, window, differenceNanoUsd: total, correctable } = counter
    if (correctable) changes.set(counter, await room.correct({ scope, window, total, ...correctable }))
  }
  return changes
}

function toldText(told: readonly ToldCounter[]): string {
  if (told.length === 0) return ''
  return [
    'Budgets of running windows go on with what was charged at the time. By the prices of now, there was spent more (or, below 0, less) than was charged:',
    ...told.map(({ scope, window, difference_usd: usd }) => `  ${scope} for ${window}: $${usd}`),
    'To let it count, add --apply, or change their limits by that much until the window ends.',
  ].join('\n')
}

function appliedText(told: readonly ToldCounter[]): string {
  if (told.length === 0) return 'No budget differs.'
  return told
    .map(({ scope, window, difference_usd: usd, applied_usd: applied }) =>
      applied === null || applied === undefined
        ? `Left as it is: ${scope} for ${window}, which differs by $${usd}: only months (UTC) of tenants, keys and users that the period covers whole are corrected.`
        : `Corrected: ${scope} for ${window} by $${applied}, in all $${usd}: rerated at the prices of now.`,
    )
    .join('\n')
}
