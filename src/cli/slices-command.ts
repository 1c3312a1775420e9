/** `signalbox budgets instances` and `release-instance`: what instances hold ahead, and what a dead one held given back. */
import { openSliceRoom } from '#composition/slice-room.ts'
import type { Config } from '#config/config.ts'
import { isoText } from '#core/domain/budget-window.ts'
import type { HeldSlice, SliceList } from '#core/domain/held-slice.ts'
import { formatUsd, toNanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'

/** The text to print. Throws `invalid_value`, `missing_field`, `not_found`, `store_unavailable`. */
export async function runSlicesCommand(
  config: Config,
  verb: 'instances' | 'release-instance',
  instance: string | undefined,
): Promise<string> {
  const room = await openSliceRoom(config)
  try {
    const list = await room.list()
    if (verb === 'instances') return listText(list)
    if (instance === undefined)
      throw new Problem('missing_field', {
        detail: 'Which instance?',
        mend: 'signalbox budgets instances shows them.',
      })
    if (!list.slices.some((slice) => slice.instance === instance))
      throw new Problem('not_found', {
        detail: `No instance ${instance} holds anything ahead.`,
        mend: 'signalbox budgets instances shows them.',
      })
    const { count, amount, kept } = await room.release(instance)
    const given = `Given back: ${count} slices of ${instance}, $${formatUsd(amount)}.`
    return kept === 0
      ? given
      : `${given} ${kept} stay: their lease, or a request that it paid for, may not have ended.`
  } finally {
    await room.close()
  }
}

function listText({ slices, living }: SliceList): string {
  const byInstance = Map.groupBy(slices, ({ instance }) => instance)
  for (const instance of living) if (!byInstance.has(instance)) byInstance.set(instance, [])
  if (byInstance.size === 0) return 'No instance shares this ledger.'
  return [...byInstance]
    .map(([instance, own]) =>
      [
        instance,
        living.includes(instance) ? 'lives' : 'silent',
        `$${sumOf(own.filter(({ isCharged }) => !isCharged))} held ahead`,
        `$${sumOf(own.filter(({ isCharged }) => isCharged))} charged in full`,
        ...lastEnd(own),
      ].join('  '),
    )
    .join('\n')
}

const sumOf = (slices: readonly HeldSlice[]) =>
  formatUsd(slices.reduce((sum, { amount }) => toNanoUsd(sum + amount), toNanoUsd(0)))

function lastEnd(slices: readonly HeldSlice[]): readonly string[] {
  if (slices.length === 0) return []
  return [`until ${isoText(Math.max(...slices.map(({ endsAtMs }) => endsAtMs)))}`]
}
