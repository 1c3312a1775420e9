/** The period that a question about the past is about. */
import { z } from 'zod'
import { Problem } from '#core/domain/problem.ts'

export const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

const defaultPeriodMs = 30 * 24 * 60 * 60 * 1_000

/** Throws `invalid_value` for a period that ends before it begins. */
export function periodOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = to === undefined ? nowMs : Date.parse(to)
  const fromMs = from === undefined ? toMs - defaultPeriodMs : Date.parse(from)
  if (fromMs < toMs) return { fromMs, toMs }
  throw new Problem('invalid_value', { param: 'from', detail: 'from must be before to.' })
}
