/**
 * The bond of this instance with the shelf: whether it may take steps there, and the way back after every loss. Each
 * way back is the same: look whose memory it is, tell what is known here, and only then go on.
 */
import type { Clock } from '#core/domain/clock.ts'
import type { Epoch, Session, Shelf, ShelfLook } from '#services/budget-manager/shared-ledger/shelf.ts'

export interface BondPorts {
  readonly shelf: Shelf
  readonly clock: Clock
  readonly pause: (ms: number) => Promise<void>
  readonly report: (failure: unknown, place: string) => void
}

export interface BondSettings {
  readonly instance: string
  /** How long a rebuild waits for instances that lived when they were last heard of. */
  readonly rebuildWaitMs: number
  /** How long an instance that knows of no epoch waits for those that may. */
  readonly freshWaitMs: number
}

/** What is to be done on the way back; each may throw `store_unavailable`. */
export interface BondErrands {
  /** Tells parts and holds. `isAnew`: the shelf may know nothing. `isLate`: it has opened without this instance. */
  tell(session: Session, terms: { readonly isAnew: boolean; readonly isLate: boolean }): Promise<boolean>
  /** Tells the parts of those who cannot; the leader's part of a rebuild. */
  tellForAbsent(session: Session, joined: readonly string[]): Promise<boolean>
  /** Whether everything has been told up to this moment. */
  isAllTold(): boolean
  /** What is left to do once steps can be taken again. */
  resume(): void
}

export interface Bond {
  /** The session in which steps may be taken; undefined while there is none. */
  session(): Session | undefined
  /** A step failed or was refused for its session: nothing is sent until the way back is done. */
  lost(): void
  /** Whether there is a session within a time. */
  untilOnline(withinMs: number): Promise<boolean>
  /** How long nothing was heard of the shelf, in milliseconds. */
  silentMs(): number
  heard(): void
  beat(): Promise<void>
  counts(): { readonly rebuilds: number; readonly losses: number; readonly members: number }
  close(): void
}

const retryLeastMs = 50
const retryMostMs = 500
/** A leader that takes this many times the wait is taken to be gone. */
const leaderPatience = 2

interface State {
  session: Session | undefined
  /** The newest epoch that this instance has told everything in. */
  known: Epoch | undefined
  members: readonly string[]
  heardAtMs: number
  hasWaited: boolean
  /** The others have had the time to hear that this instance lives. */
  isAnnounced: boolean
  isReaching: boolean
  isClosed: boolean
  readonly waiting: Set<() => void>
  rebuilds: number
  losses: number
}

interface Way {
  readonly ports: BondPorts
  readonly settings: BondSettings
  readonly errands: BondErrands
  readonly state: State
}

const nameOf = ({ number, server }: Epoch) => `${number}:${server}`

export function createBond(ports: BondPorts, settings: BondSettings, errands: BondErrands): Bond {
  const state: State = {
    session: undefined,
    known: undefined,
    members: [],
    heardAtMs: Number.NEGATIVE_INFINITY,
    hasWaited: settings.freshWaitMs <= 0,
    isAnnounced: settings.freshWaitMs <= 0,
    isReaching: false,
    isClosed: false,
    waiting: new Set(),
    rebuilds: 0,
    losses: 0,
  }
  const way: Way = { ports, settings, errands, state }
  const { clock, pause, report } = ports
  const lost = () => {
    if (state.session) state.losses += 1
    state.session = undefined
    reach(way).catch((failure: unknown) => report(failure, 'the way back to the shared ledger'))
  }
  return {
    session: () => state.session,
    lost,
    heard: () => hear(way),
    silentMs: () => clock.monotonicMs() - state.heardAtMs,
    async untilOnline(withinMs) {
      if (state.session) return true
      const { promise, resolve } = Promise.withResolvers<void>()
      state.waiting.add(resolve)
      pause(withinMs).then(resolve, resolve)
      await promise
      state.waiting.delete(resolve)
      return state.session !== undefined
    },
    async beat() {
      const living = state.session && (await ports.shelf.beat(state.session).catch(() => undefined))
      if (!living) return lost()
      state.members = living
      hear(way)
    },
    counts: () => ({
      rebuilds: state.rebuilds,
      losses: state.losses,
      members: Math.max(1, state.members.length),
    }),
    close() {
      state.isClosed = true
      state.session = undefined
      wake(state)
    },
  }
}

function hear({ ports, state }: Way): void {
  state.heardAtMs = ports.clock.monotonicMs()
}

function wake({ waiting }: State): void {
  for (const go of waiting) go()
}

/** Tries until there is a session; one way at a time. */
async function reach(way: Way): Promise<void> {
  const { ports, errands, state } = way
  if (state.isReaching || state.isClosed) return
  state.isReaching = true
  let failures = 0
  while (!state.session && !state.isClosed) {
    let waitMs: number | undefined
    try {
      waitMs = await attempt(way)
      failures = 0
    } catch (failure) {
      if (failures === 0) ports.report(failure, 'the way back to the shared ledger')
      failures += 1
      waitMs = Math.min(retryMostMs, retryLeastMs * 2 ** Math.min(failures, 4))
    }
    if (waitMs !== undefined) await ports.pause(waitMs)
  }
  state.isReaching = false
  if (!state.session) return
  hear(way)
  wake(state)
  errands.resume()
}

/** One try. How long to wait before the next, or undefined when there is a session. */
async function attempt(way: Way): Promise<number | undefined> {
  const { ports, errands, state, settings } = way
  const look = await ports.shelf.look()
  // Answers to steps that were sent before the look have come by now; they are heard before anything is told.
  await ports.pause(0)
  const { epoch } = look
  if (!epoch || epoch.server !== look.server) return begin(way, look)
  const session: Session = { epoch, number: look.session }
  const isKnown = state.known !== undefined && nameOf(state.known) === nameOf(epoch)
  if (!epoch.isOpen && isKnown) return finish(way, session, look)
  const terms = { isAnew: !isKnown, isLate: epoch.isOpen && !isKnown && state.known !== undefined }
  if (!(await errands.tell(session, terms))) return retryLeastMs
  state.known = epoch
  hear(way)
  if (!epoch.isOpen) return finish(way, session, look)
  // Who lives is known before anything is granted: were this server to forget it, each would wait for the others.
  const living = (await ports.shelf.arm(epoch)) ? await ports.shelf.beat(session) : undefined
  if (!living || !errands.isAllTold()) return 0
  state.members = living
  if (!state.isAnnounced) {
    state.isAnnounced = true
    if (living.length > 1) return settings.freshWaitMs
  }
  state.session = session
  return undefined
}

/** Memory may be lost: closes the shelf for a new epoch. */
async function begin({ ports, settings, state }: Way, look: ShelfLook): Promise<number> {
  if (!look.epoch && !state.known && !state.hasWaited) {
    // Others may know what was forgotten: they are given the time to notice.
    state.hasWaited = true
    return settings.freshWaitMs
  }
  const number = Math.max(look.epoch?.number ?? 0, state.known?.number ?? 0) + 1
  await ports.shelf.begin(look, number)
  return 0
}

/** A closed epoch in which this instance has told everything: its leader opens it once all have. */
async function finish({ ports, settings, errands, state }: Way, session: Session, look: ShelfLook) {
  const { epoch } = session
  const { instance, rebuildWaitMs } = settings
  const closedMs = look.nowMs - epoch.sinceMs
  const isLeading = epoch.leader === instance || closedMs > leaderPatience * rebuildWaitMs
  if (!isLeading) return retryLeastMs
  const { joined, members } = await ports.shelf.presence()
  const isMissing = (member: string) => !joined.includes(member)
  const mayWait = closedMs >= 0 && closedMs < rebuildWaitMs
  if (mayWait && [...state.members, ...members].some(isMissing)) return retryLeastMs
  if (!(await errands.tellForAbsent(session, joined))) return retryLeastMs
  if (await ports.shelf.open(epoch)) state.rebuilds += 1
  return 0
}
