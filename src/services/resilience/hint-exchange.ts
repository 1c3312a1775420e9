/** The exchange of hints: pins what is found here, and hands on what others pinned, each of it once. */
import type { Clock } from '#core/domain/clock.ts'
import type { Hint, HintBoard } from '#services/resilience/hints.ts'
import { createRecentNames } from '#services/resilience/recent-names.ts'

export interface HintExchange {
  /** Tells the other instances; never throws, never waits. */
  tell(hint: Hint): void
  /** Takes in what is new on the board. Never rejects. */
  listen(): Promise<void>
  readonly counts: { readonly pinned: number; readonly heard: number }
}

export interface HintPorts {
  readonly board: HintBoard
  readonly clock: Clock
  readonly hear: (hint: Hint) => void
  readonly report: (failure: unknown, place: string) => void
}

/** What was told already is told again only when it holds this much longer. */
const worthTellingMs = 1_000

export function createHintExchange({ board, clock, hear, report }: HintPorts): HintExchange {
  const counts = { pinned: 0, heard: 0 }
  const told = createRecentNames(() => ({ untilMs: 0 }))
  const heard = createRecentNames(() => ({ untilMs: 0 }))
  let isReported = false

  const attempt = async (place: string, act: () => unknown): Promise<void> => {
    try {
      await act()
      isReported = false
    } catch (failure) {
      // Once for each outage: nothing depends on hints.
      if (!isReported) report(failure, place)
      isReported = true
    }
  }

  return {
    counts,
    tell(hint) {
      const known = told.use(nameOf(hint))
      const untilMs = clock.monotonicMs() + hint.forMs
      if (untilMs < known.untilMs + worthTellingMs) return
      known.untilMs = untilMs
      counts.pinned++
      void attempt('sharing a hint', () => board.pin(hint))
    },
    listen: () =>
      attempt('reading hints', async () => {
        for (const hint of await board.read()) {
          const known = heard.use(nameOf(hint))
          if (hint.untilMs <= known.untilMs) continue
          known.untilMs = hint.untilMs
          counts.heard++
          hear(hint)
        }
      }),
  }
}

const nameOf = ({ kind, of, track }: Hint): string => `${kind} ${of}${track}`
