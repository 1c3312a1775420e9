/** The port of the shelf: counters and holds that all instances see, and the epoch that says whether its memory is whole. */
import type {
  Balance,
  Correction,
  HoldAnswer,
  HoldAsk,
  HoldRecord,
  HoldScope,
  Settlement,
} from '#core/domain/ledger-hold.ts'
import type { NanoUsd } from '#core/domain/money.ts'

/** The span of time through which one server keeps the shelf in one piece. */
export interface Epoch {
  readonly number: number
  /** The server whose memory it is; another one for each start and each change of the primary. */
  readonly server: string
  /** Closed while the instances tell what they know: nothing is granted then. */
  readonly isOpen: boolean
  /** Who closed it, and when by the server's clock; of no meaning once it is open. */
  readonly leader: string
  readonly sinceMs: number
}

/** From one look to the next of the same instance: what was sent in an earlier session is not done any more. */
export interface Session {
  readonly epoch: Epoch
  readonly number: number
}

export interface ShelfLook {
  readonly server: string
  readonly epoch: Epoch | undefined
  /** The server's clock. */
  readonly nowMs: number
  /** The session that this look began. */
  readonly session: number
}

/** What the holds of one instance were charged in all, on one counter. It only grows. */
export type Part = Pick<Balance, 'scope' | 'window' | 'settled' | 'estimated'> & Pick<HoldScope, 'resetsAtMs'>

/** Each function throws `store_unavailable`; it may have been done then. `undefined`: epoch or session are others. */
export interface Shelf {
  look(): Promise<ShelfLook>
  /** Closes the shelf for a new epoch of this number. False when somebody was faster. */
  begin(seen: ShelfLook, number: number): Promise<boolean>
  open(epoch: Epoch): Promise<boolean>
  /** Lets the server of the epoch take steps. False when it is another server. */
  arm(epoch: Epoch): Promise<boolean>
  /** Sets parts of an instance where they are more than is known; gives those that are less, as they are known. */
  tellParts(session: Session, instance: string, parts: readonly Part[]): Promise<readonly Part[] | undefined>
  /** Puts these in the place of all holds of this instance, whatever the limits are. False: epoch or session are others. */
  tellHolds(session: Session, holds: readonly HoldRecord[]): Promise<boolean>
  /** Who has told everything in the closed epoch, and who lived when the shelf last heard of them. */
  presence(): Promise<{ readonly joined: readonly string[]; readonly members: readonly string[] }>
  /** A sign of life; gives everyone who gave one lately. */
  beat(session: Session): Promise<readonly string[] | undefined>
  /** Throws `rate_limited` when a limit that was asked in the same step refused, and nothing was held. */
  hold(
    session: Session,
    action: 'reserve' | 'extend' | 'slice',
    ask: HoldAsk,
  ): Promise<HoldAnswer | undefined>
  settle(session: Session, holdId: string, spent: NanoUsd): Promise<Settlement['kind'] | undefined>
  /** Books what all corrections of a counter come to; gives by how much it changed. */
  correct(session: Session, correction: Correction): Promise<NanoUsd | undefined>
  expire(session: Session, nowMs: number): Promise<number | undefined>
  balances(
    counters: ReadonlyArray<{ readonly scope: string; readonly window: string }>,
  ): Promise<readonly Balance[]>
}
