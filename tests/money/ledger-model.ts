/**
 * A small world of money as an explicit state machine: three requests of one coin each, two instances, one shared ledger
 * with a replica that lags, a limit of two coins. Every step of every part is one move, so that walking through all
 * moves in all orders meets every interleaving there is.
 *
 * The whole algorithm of shared budgets, as the code has it: holds at every level in one script (reserve); the hold
 * written down at home before a provider is asked (intend); the epoch compared once more (clear); settlement once
 * (settle); expired holds charged in full (expire); nothing granted by a server that was not looked at, until every
 * instance has told its parts again (safe mode and rebuild). That the code is this is for other tests to show.
 */

export interface Design {
  /** Holds first, in the step that compares with the limit; else compares, and counts only when it settles. */
  readonly isHoldingFirst: boolean
  /** What becomes of a hold whose owner is gone. */
  readonly expiry: 'charges' | 'releases'
  /** Writes down, on the instance's own disk, that a provider is about to be asked; without one, what an expiry assumes. */
  readonly intents: 'journalled' | 'none, taken as sent' | 'none, taken as unsent'
  /** A failover closes admission until the counters are rebuilt. */
  readonly hasSafeMode: boolean
  readonly rebuildsFrom: 'ledger and journals' | 'ledger'
  /** A request compares the ledger's epoch with its hold's before it asks a provider. */
  readonly checksEpoch: boolean
}

export const soundDesign: Design = {
  isHoldingFirst: true,
  expiry: 'charges',
  intents: 'journalled',
  hasSafeMode: true,
  rebuildsFrom: 'ledger and journals',
  checksEpoch: true,
}

export const phases = [
  'new',
  'denied',
  'reserved',
  'intended',
  'cleared',
  'sent',
  'ended',
  'settled',
  'gone',
] as const
export const holdStates = ['none', 'held', 'charged', 'settled', 'void'] as const
type Phase = (typeof phases)[number]
type HoldState = (typeof holdStates)[number]

interface RequestState {
  readonly phase: Phase
  /** The epoch that its hold was made in. */
  readonly epoch: number
  /** On its instance's own disk. */
  readonly hasIntent: boolean
  readonly hasBill: boolean
  /** The truth: the provider was asked, and its coin is gone. */
  readonly isBilled: boolean
  /** A row in the books that outlive the shared ledger. */
  readonly rows: number
}

interface SharedLedger {
  readonly settled: number
  readonly reserved: number
  readonly holds: readonly HoldState[]
  readonly epoch: number
}

export interface World {
  readonly requests: readonly RequestState[]
  readonly primary: SharedLedger
  readonly replica: SharedLedger
  readonly isAlive: readonly boolean[]
  readonly isSafe: boolean
  readonly failovers: number
}

export interface Move {
  readonly name: string
  readonly after: World
}

export const limit = 2
/** Which instance each request is at. */
const owners = [0, 0, 1] as const

export function firstWorld(): World {
  const fresh: RequestState = {
    phase: 'new',
    epoch: 0,
    hasIntent: false,
    hasBill: false,
    isBilled: false,
    rows: 0,
  }
  const ledger: SharedLedger = { settled: 0, reserved: 0, holds: owners.map(() => 'none'), epoch: 0 }
  return {
    requests: owners.map(() => fresh),
    primary: ledger,
    replica: ledger,
    isAlive: [true, true],
    isSafe: false,
    failovers: 0,
  }
}

export interface Misfortunes {
  readonly kills: number
  readonly failovers: number
}

/** Everything that can happen next. */
export function movesFrom(world: World, design: Design, misfortunes: Misfortunes): Move[] {
  const moves: Move[] = []
  for (const [id, request] of world.requests.entries()) {
    if (world.isAlive[owners[id] ?? 0]) moves.push(...requestMoves(world, design, id))
    moves.push(...expiryMoves(world, design, id))
    const isUnwritten = request.rows === 0 && (request.hasBill || world.primary.holds[id] === 'charged')
    if (isUnwritten) moves.push({ name: `write ${id}`, after: withRequest(world, id, { rows: 1 }) })
  }
  return [...moves, ...misfortuneMoves(world, design, misfortunes)]
}

function requestMoves(world: World, design: Design, id: number): Move[] {
  const request = world.requests[id] ?? never()
  const to = (name: string, after: World): Move[] => [{ name: `${name} ${id}`, after }]
  switch (request.phase) {
    case 'new':
      return world.isSafe ? [] : to('reserve', reserved(world, design, id))
    case 'reserved':
      return to('intend', withRequest(world, id, { phase: 'intended', hasIntent: isJournalling(design) }))
    case 'intended':
      return clearing(world, design, id)
    case 'cleared':
      return to('dispatch', withRequest(world, id, { phase: 'sent', isBilled: true }))
    case 'sent':
      return to('end', withRequest(world, id, { phase: 'ended', hasBill: isJournalling(design) }))
    case 'ended':
      return world.isSafe ? [] : to('settle', settled(world, design, id))
    case 'denied':
    case 'settled':
    case 'gone':
      return []
  }
}

/** The last look before the provider is asked; a hold of another epoch is asked for again. */
function clearing(world: World, design: Design, id: number): Move[] {
  const { epoch } = world.requests[id] ?? never()
  if (!design.checksEpoch || epoch === world.primary.epoch) {
    return world.isSafe && design.checksEpoch
      ? []
      : [{ name: `clear ${id}`, after: withRequest(world, id, { phase: 'cleared' }) }]
  }
  return world.isSafe ? [] : [{ name: `reserve ${id} again`, after: reserved(world, design, id) }]
}

function reserved(world: World, design: Design, id: number): World {
  const { primary } = world
  const known = primary.holds[id]
  const granted = withRequest(world, id, { phase: 'reserved', epoch: primary.epoch })
  if (known === 'held' || known === 'charged') return granted
  if (primary.settled + primary.reserved + 1 > limit) {
    return withRequest(world, id, { phase: 'denied', hasIntent: false })
  }
  if (!design.isHoldingFirst) return granted
  return { ...granted, primary: withHold(primary, id, 'held', { reserved: 1 }) }
}

function settled(world: World, design: Design, id: number): World {
  const { primary } = world
  const known = primary.holds[id]
  // Without a journal the row is written by whoever settles, from memory.
  const ended = withRequest(world, id, { phase: 'settled', hasBill: true })
  if (known === 'held')
    return { ...ended, primary: withHold(primary, id, 'settled', { settled: 1, reserved: -1 }) }
  // Charged in full when it expired: the correction from one coin to one coin is nothing.
  if (known === 'charged') return { ...ended, primary: withHold(primary, id, 'settled', {}) }
  const isUncounted = known === 'void' || (known === 'none' && (design.hasSafeMode || !design.isHoldingFirst))
  return isUncounted ? { ...ended, primary: withHold(primary, id, 'settled', { settled: 1 }) } : ended
}

/** A hold of an owner who is gone; and one whose owner is only slow, which is charged and corrected later. */
function expiryMoves(world: World, design: Design, id: number): Move[] {
  if (world.primary.holds[id] !== 'held' || world.isSafe) return []
  const isOwnerAlive = world.isAlive[owners[id] ?? 0] === true
  if (isOwnerAlive && design.expiry === 'releases') return []
  const { hasIntent } = world.requests[id] ?? never()
  const wasSent = design.intents === 'journalled' ? hasIntent : design.intents === 'none, taken as sent'
  const isCharged = design.expiry === 'charges' && (isOwnerAlive || wasSent)
  const primary = isCharged
    ? withHold(world.primary, id, 'charged', { settled: 1, reserved: -1 })
    : withHold(world.primary, id, 'void', { reserved: -1 })
  return [{ name: `expire ${id}`, after: { ...world, primary } }]
}

function misfortuneMoves(world: World, design: Design, { kills, failovers }: Misfortunes): Move[] {
  const moves: Move[] = []
  const deaths = world.isAlive.filter((isAlive) => !isAlive).length
  for (const [instance, isAlive] of world.isAlive.entries()) {
    if (isAlive && deaths < kills) moves.push({ name: 'kill', after: withoutInstance(world, instance) })
  }
  if (world.failovers >= failovers) {
    if (world.isSafe) moves.push({ name: 'rebuild', after: rebuilt(world, design) })
    return moves
  }
  if (world.replica !== world.primary)
    moves.push({ name: 'replicate', after: { ...world, replica: world.primary } })
  const failedOver = { ...world, primary: world.replica, failovers: world.failovers + 1 }
  moves.push({ name: 'failover', after: { ...failedOver, isSafe: design.hasSafeMode } })
  return moves
}

function withoutInstance(world: World, instance: number): World {
  const isOver = ({ phase }: RequestState) => phase === 'denied' || phase === 'settled'
  return {
    ...world,
    isAlive: world.isAlive.map((isAlive, position) => isAlive && position !== instance),
    requests: world.requests.map((request, id) =>
      owners[id] === instance && !isOver(request) ? { ...request, phase: 'gone' } : request,
    ),
  }
}

/** Sets the counters, never adds to them: what is in the books is settled, what was or may have been sent is held. */
function rebuilt(world: World, design: Design): World {
  const holds = world.requests.map(({ rows, hasBill, hasIntent }, id): HoldState => {
    if (design.rebuildsFrom === 'ledger') return rows > 0 ? 'settled' : 'none'
    if (hasBill) return 'settled'
    // A row without a bill stands for a hold that expired: an estimate, which its owner may still correct.
    if (rows > 0) return 'charged'
    // A hold without an intent is handed over by its owner; of a dead one it was never sent.
    const isOwned = world.isAlive[owners[id] ?? 0] === true
    const before = world.primary.holds[id]
    return hasIntent || (isOwned && (before === 'held' || before === 'charged')) ? 'held' : 'none'
  })
  const count = (state: HoldState) => holds.filter((hold) => hold === state).length
  const epoch = world.primary.epoch + 1
  const settled = count('settled') + count('charged')
  const primary = { settled, reserved: count('held'), holds, epoch }
  return { ...world, primary, replica: primary, isSafe: false }
}

const isJournalling = ({ intents }: Design) => intents === 'journalled'

function withRequest(world: World, id: number, change: Partial<RequestState>): World {
  return {
    ...world,
    requests: world.requests.map((request, position) =>
      position === id ? { ...request, ...change } : request,
    ),
  }
}

function withHold(
  ledger: SharedLedger,
  id: number,
  state: HoldState,
  by: { readonly settled?: number; readonly reserved?: number },
): SharedLedger {
  return {
    epoch: ledger.epoch,
    settled: ledger.settled + (by.settled ?? 0),
    reserved: ledger.reserved + (by.reserved ?? 0),
    holds: ledger.holds.map((hold, position) => (position === id ? state : hold)),
  }
}

function never(): never {
  throw new Error('a request that the model does not have')
}
