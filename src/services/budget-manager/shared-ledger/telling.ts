/** What is told to the shelf on the way back, and what is held ahead there. */
import type { HoldAnswer } from '#core/domain/ledger-hold.ts'
import { zeroUsd } from '#core/domain/money.ts'
import type { Allowance, SliceAsk } from '#services/budget-manager/shared-ledger/allowance.ts'
import type { Bond, BondErrands } from '#services/budget-manager/shared-ledger/bond.ts'
import type { PartCopies } from '#services/budget-manager/shared-ledger/own-book.ts'
import type { OwnHolds } from '#services/budget-manager/shared-ledger/own-holds.ts'
import type { Session, Shelf } from '#services/budget-manager/shared-ledger/shelf.ts'

export interface TellingTerms {
  readonly instance: string
  /** Windows that ended before this moment are not told. */
  readonly endedAfterMs: () => number
  readonly isOwn: (scope: string) => boolean
}

interface TellingParts {
  readonly shelf: Shelf
  readonly copies: PartCopies | undefined
  readonly holds: OwnHolds
  readonly allowance: Allowance
  readonly resume: () => void
}

export function createErrands(parts: TellingParts, terms: TellingTerms): BondErrands {
  const { shelf, copies, holds, allowance, resume } = parts
  const { instance, endedAfterMs, isOwn } = terms
  return {
    resume,
    isAllTold: () => holds.isAllTold(),
    async tell(session, { isAnew, isLate }) {
      if (isLate) {
        // What was not sent is asked for again, and what was held ahead may be others' by now.
        allowance.void()
        holds.setAside()
      }
      const slices = allowance.tell()
      const telling = holds.tell(isAnew ? 'everything' : 'changes')
      const more = await shelf.tellParts(session, instance, telling.parts)
      if (!more) return false
      await holds.adopt(more)
      if (!(await shelf.tellHolds(session, [...telling.holds, ...slices]))) return false
      holds.told(telling)
      return true
    },
    async tellForAbsent(session, joined) {
      if (!copies) return true
      for (const [absent, all] of await copies.others(joined, endedAfterMs())) {
        const told = await shelf.tellParts(
          session,
          absent,
          all.filter(({ scope }) => isOwn(scope)),
        )
        if (!told) return false
      }
      return true
    },
  }
}

export interface Slicing {
  readonly shelf: Shelf
  readonly allowance: Allowance
  readonly bond: Bond
  readonly inShelf: <T>(step: (session: Session) => Promise<T | undefined>) => Promise<T | undefined>
}

/** So many slices are asked for at once. */
const slicesAtOnce = 50

export async function renewSlices(
  { shelf, allowance, bond, inShelf }: Slicing,
  nowMs: number,
): Promise<void> {
  const { asks, idle } = allowance.wishes(nowMs)
  for (const holdId of idle) {
    allowance.drop(holdId)
    await inShelf((session) => shelf.settle(session, holdId, zeroUsd))
  }
  const session = bond.session()
  const renew = async (wish: SliceAsk) => {
    const answer: HoldAnswer | undefined = await inShelf((present) => shelf.hold(present, 'slice', wish.ask))
    // An answer of an earlier session says nothing: what stood here was told since.
    if (answer?.isHeld && session !== undefined && bond.session() === session)
      allowance.grant(wish, answer.amount)
  }
  for (let from = 0; from < asks.length; from += slicesAtOnce) {
    await Promise.all(asks.slice(from, from + slicesAtOnce).map(renew))
  }
}

/** Gives up everything that is held ahead. */
export async function dropSlices({ shelf, allowance, inShelf }: Slicing): Promise<void> {
  const slices = allowance.tell()
  allowance.void()
  for (const { holdId } of slices) await inShelf((session) => shelf.settle(session, holdId, zeroUsd))
}
