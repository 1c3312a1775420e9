/** The port of the shelf of responses: sealed texts under names that tell nothing, for as long as each is kept. */
import type { Soon } from '#core/domain/soon.ts'

/** Both are digests: a shelf learns neither who asked nor which ids were given out. */
export interface ShelfName {
  /** What limits are counted by. */
  readonly tenant: string
  /** Of one response of one owner. */
  readonly name: string
}

export interface ShelfEntry extends ShelfName {
  /** Text that only the room can open. */
  readonly sealed: string
  /** Digests of the items that this response brought, each once. */
  readonly items: readonly string[]
  readonly nowMs: number
  readonly keepMs: number
  /** Of a tenant; beyond it, what would be dropped soonest is dropped at once. */
  readonly responsesMax: number
}

/** Each function throws `store_unavailable` when the store cannot be reached. */
export interface ResponseShelf {
  /** In one step: keeps the response in place of an earlier one of its name, and drops what is too much. */
  put(entry: ShelfEntry): Soon<void>
  /** Undefined when there is none, or its time is over. */
  get(place: ShelfName, nowMs: number): Soon<string | undefined>
  /** The name of the response that brought the item and is kept longest; undefined when none is kept. */
  nameOfItem(tenant: string, item: string, nowMs: number): Soon<string | undefined>
  /** Whether there was one. Its items are forgotten with it, unless another response brought them too. */
  remove(place: ShelfName, nowMs: number): Soon<boolean>
  /** Drops what need not be kept any more, where the store does not do so by itself. */
  prune(nowMs: number): Soon<void>
}
