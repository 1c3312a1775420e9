/** The deadlines that a model or a route has of its own, in place of the usual ones. */
import type { DeadlineChanges, OwnDeadlines } from '#core/domain/deadlines.ts'
import { targetName } from '#core/domain/target.ts'
import type { Target } from '#core/domain/target.ts'
import type { DeadlineSettings } from '#services/resilience/deadline-rules.ts'

export interface SlowSettings {
  /** A first content later than this counts as slow ... */
  readonly slowFirstTokenMs: number
  /** ... of models that think before they speak, later than this. */
  readonly slowFirstTokenReasoningMs: number
}

type Usual = DeadlineSettings & SlowSettings & { readonly ownDeadlines?: OwnDeadlines | undefined }

/** The settings as they hold for this target on this route: the route's word before the model's, and both before the usual. */
export function settingsFor<Settings extends Usual>(
  usual: Settings,
  target: Target,
  route?: string,
): Settings {
  const { ownDeadlines } = usual
  if (!ownDeadlines) return usual
  const { ofModels, ofRoutes } = ownDeadlines
  const ofModel = ofModels.get(targetName(target)) ?? ofModels.get(target.card.name)
  const ofRoute = route === undefined ? undefined : ofRoutes.get(route)
  return [ofModel, ofRoute].reduce<Settings>(
    (settings, own) => (own ? changed(settings, own) : settings),
    usual,
  )
}

/** A first content is slow at half of what it may take. */
const slowShare = 0.5

function changed<Settings extends Usual>(usual: Settings, own: DeadlineChanges): Settings {
  const { firstTokenMs, idleMs = usual.idleMs, totalMs = usual.totalMs } = own
  const times = { ...usual, idleMs, totalMs }
  if (firstTokenMs === undefined) return { ...times, headersMs: own.headersMs ?? usual.headersMs }
  const slowMs = firstTokenMs * slowShare
  return {
    ...times,
    headersMs: own.headersMs ?? firstTokenMs,
    firstTokenMs,
    firstTokenReasoningMs: firstTokenMs,
    wholeAnswerMs: firstTokenMs,
    slowFirstTokenMs: slowMs,
    slowFirstTokenReasoningMs: slowMs,
  }
}
