/**
 * A bounded queue that is fair between tenants: deficit round robin (Shreedhar and Varghese, 1995), so that each gets
 * its weight's share however much another sends. More urgent requests go before less urgent ones.
 */
import { priorities } from '#core/domain/priority.ts'
import type { Priority } from '#core/domain/priority.ts'
import type { Writable } from '#core/domain/writable.ts'

export interface Queued {
  readonly tenantId: string
  readonly priority: Priority
}

export interface FairQueueSettings {
  readonly queueMax: number
  /** A tenant's share beside the others': a whole number above 0. */
  readonly weightOf: (tenantId: string) => number
}

export interface FairQueue<T extends Queued> {
  readonly size: number
  /**
   * Takes one in. When that is one too many, the least urgent tenant with the most waiting for its weight gives up its
   * oldest, which is given back; it may be the new one itself.
   */
  add(item: T): T | undefined
  /** The next in turn; undefined when none waits. */
  take(): T | undefined
  /** Whether it was still waiting. */
  remove(item: T): boolean
  items(): IterableIterator<T>
}

/** One tenant's place in a lane. */
interface Line<T> {
  readonly items: T[]
  /** How many may still go in this round. */
  deficit: number
}

/** The lines of one priority, in the order of their turns. */
type Lane<T> = Map<string, Line<T>>

/** One place in so many goes to the least urgent that waits, so that urgency alone starves nobody. */
const turnsUntilLast = 16

export function createFairQueue<T extends Queued>(settings: () => FairQueueSettings): FairQueue<T> {
  const lanes = new Map<Priority, Lane<T>>(priorities.map((priority) => [priority, new Map()]))
  let turns = 0

  const laneOf = ({ priority }: T): Lane<T> => lanes.get(priority) ?? new Map()
  const isCrowded = () => queue.size > settings().queueMax / 2
  const nextLane = (): Lane<T> | undefined => {
    const waiting = [...lanes.values()].filter((lane) => lane.size > 0)
    return ++turns % turnsUntilLast === 0 ? waiting.at(-1) : waiting[0]
  }
  const remove = (item: T): boolean => {
    const lane = laneOf(item)
    const line = lane.get(item.tenantId)
    const position = line?.items.indexOf(item) ?? -1
    if (!line || position < 0) return false
    line.items.splice(position, 1)
    if (line.items.length === 0) lane.delete(item.tenantId)
    queue.size--
    return true
  }
  const insert = (item: T): void => {
    const lane = laneOf(item)
    const line = lane.get(item.tenantId)
    if (line) line.items.push(item)
    else lane.set(item.tenantId, { items: [item], deficit: 0 })
    queue.size++
  }

  const queue: Writable<FairQueue<T>> = {
    size: 0,
    add(item) {
      insert(item)
      if (queue.size <= settings().queueMax) return undefined
      const given = giveUp(lanes, settings().weightOf)
      if (given) remove(given)
      return given
    },
    take() {
      const lane = nextLane()
      if (!lane) return undefined
      const line = turnOf(lane, settings().weightOf)
      // In a crowd the oldest are the likeliest to be given up before they are answered.
      const item = isCrowded() ? line?.items.pop() : line?.items.shift()
      if (!line || !item) return undefined
      queue.size--
      if (line.items.length === 0) lane.delete(item.tenantId)
      return item
    },
    remove,
    *items() {
      for (const lane of lanes.values()) for (const line of lane.values()) yield* line.items
    },
  }
  return queue
}

/** The line whose turn it is, charged for one; it goes to the end when its round is used up. */
function turnOf<T>(lane: Lane<T>, weightOf: (tenantId: string) => number): Line<T> | undefined {
  const [first] = lane
  if (!first) return undefined
  const [tenantId, line] = first
  if (line.deficit < 1) line.deficit += Math.max(1, weightOf(tenantId))
  line.deficit--
  if (line.deficit < 1) {
    lane.delete(tenantId)
    lane.set(tenantId, line)
  }
  return line
}

/** Of the least urgent lane that waits, the oldest of the tenant with the most for its weight. */
function giveUp<T extends Queued>(
  lanes: ReadonlyMap<Priority, Lane<T>>,
  weightOf: (tenantId: string) => number,
): T | undefined {
  const lane = [...lanes.values()].findLast(({ size }) => size > 0)
  let longest: Line<T> | undefined
  let most = 0
  for (const [tenantId, line] of lane ?? []) {
    const share = line.items.length / Math.max(1, weightOf(tenantId))
    if (share >= most) {
      most = share
      longest = line
    }
  }
  return longest?.items[0]
}
