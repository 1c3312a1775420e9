/** Walks through every state that a design can reach, shortest histories first, and tells the first one that is wrong. */
import { firstWorld, holdStates, limit, movesFrom, phases } from '#tests/money/ledger-model.ts'
import type { Design, Misfortunes, Move, World } from '#tests/money/ledger-model.ts'

export type Finding =
  | 'overspend'
  | 'more promised than the limit'
  | 'a counter that is not the sum of its holds'
  | 'two rows for one request'
  | 'held at rest'
  | 'lost spend'
  | 'a bill without a row'

export interface Walk {
  readonly states: number
  /** Undefined when every state that can be reached is sound. */
  readonly fault: { readonly finding: Finding; readonly history: readonly string[] } | undefined
}

interface Place {
  readonly world: World
  readonly before: Place | undefined
  readonly move: string
}

/** Looks for any fault, or for one alone. */
export function walk(design: Design, misfortunes: Misfortunes, sought?: Finding): Walk {
  const start: Place = { world: firstWorld(), before: undefined, move: '' }
  const seen = new Set([nameOf(start.world)])
  let edge: readonly Place[] = [start]
  while (edge.length > 0) {
    const next: Place[] = []
    for (const place of edge) {
      const moves = movesFrom(place.world, design, misfortunes)
      const isAtRest = moves.every(({ name }) => isMisfortune(name))
      const finding = findingsIn(place.world, isAtRest).find((found) => !sought || found === sought)
      if (finding) return { states: seen.size, fault: { finding, history: historyOf(place) } }
      next.push(...unseenAfter(place, moves, seen))
    }
    edge = next
  }
  return { states: seen.size, fault: undefined }
}

function unseenAfter(place: Place, moves: readonly Move[], seen: Set<string>): Place[] {
  const places: Place[] = []
  for (const { name, after } of moves) {
    const key = nameOf(after)
    if (seen.has(key)) continue
    seen.add(key)
    places.push({ world: after, before: place, move: name })
  }
  return places
}

const isMisfortune = (name: string) => name === 'kill' || name === 'failover' || name === 'replicate'

/** What must hold everywhere, and what must hold once nothing is left to do. */
function findingsIn({ requests, primary, isSafe }: World, isAtRest: boolean): Finding[] {
  const findings: Finding[] = []
  const look = (isWrong: boolean, finding: Finding) => {
    if (isWrong) findings.push(finding)
  }
  const billed = requests.filter(({ isBilled }) => isBilled).length
  const count = (...states: readonly string[]) => primary.holds.filter((hold) => states.includes(hold)).length
  const { settled, reserved } = primary
  look(billed > limit, 'overspend')
  look(!isSafe && settled + reserved > limit, 'more promised than the limit')
  look(
    reserved !== count('held') || settled !== count('settled', 'charged'),
    'a counter that is not the sum of its holds',
  )
  look(
    requests.some(({ rows }) => rows > 1),
    'two rows for one request',
  )
  look(isAtRest && reserved !== 0, 'held at rest')
  look(isAtRest && settled < billed, 'lost spend')
  look(isAtRest && requests.some(({ isBilled, rows }) => isBilled && rows !== 1), 'a bill without a row')
  return findings
}

function historyOf(place: Place): string[] {
  const history: string[] = []
  for (let at: Place | undefined = place; at?.before; at = at.before) history.push(at.move)
  return history.reverse()
}

/**
 * Two worlds with the same name can never be told apart by what comes after: requests 0 and 1 are at one instance and
 * may change places.
 */
function nameOf(world: World): string {
  const one = requestName(world, 0)
  const other = requestName(world, 1)
  const { primary, replica, isAlive, isSafe, failovers } = world
  const flags = (isAlive[0] ? 1 : 0) + (isAlive[1] ? 2 : 0) + (isSafe ? 4 : 0) + failovers * 8
  const counters = String.fromCharCode(
    32 + flags,
    32 + primary.settled * 8 + primary.reserved,
    32 + replica.settled * 8 + replica.reserved,
    32 + primary.epoch * 8 + replica.epoch,
  )
  return counters + (one < other ? one + other : other + one) + requestName(world, 2)
}

function requestName({ requests, primary, replica }: World, id: number): string {
  const request = requests[id]
  if (!request) return ''
  const { phase, epoch, hasIntent, hasBill, isBilled, rows } = request
  const flags = (hasIntent ? 1 : 0) + (hasBill ? 2 : 0) + (isBilled ? 4 : 0) + rows * 8
  const holds = holdNumber(primary, id) * holdStates.length + holdNumber(replica, id)
  return String.fromCharCode(32 + phases.indexOf(phase) * 8 + epoch, 32 + flags, 32 + holds)
}

const holdNumber = ({ holds }: World['primary'], id: number) => holdStates.indexOf(holds[id] ?? 'none')
