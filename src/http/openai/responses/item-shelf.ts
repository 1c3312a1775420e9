/** Where the items of one response get their places and ids, and are kept when they are done. */

/** A step of the stream: the event's type, and its members after `type` and `sequence_number` as JSON text. */
export type Tell = (type: string, members: string) => void

export type ItemStatus = 'completed' | 'incomplete'

export interface ItemShelf {
  /** Nobody listens to a whole answer. */
  readonly tell: Tell | undefined
  /** The next item's place in the output and its id. */
  place(prefix: string): ItemPlace
  /** The item has begun, in this form. */
  begin(place: ItemPlace, item: string): void
  /** The item is done, in this form. */
  keep(place: ItemPlace, item: string): void
  /** The items that are done, as JSON texts in the order of the output. */
  done(): readonly string[]
}

export interface ItemPlace {
  readonly index: number
  readonly id: string
}

/** Items of a stream that was passed on so far: those that are done, and the one that is still open. */
export interface PassedItems {
  /** As JSON texts, each at its place in the output. */
  readonly done: readonly string[]
  readonly open: ItemPlace
}

/** `stem`: what the ids of this response have in common. `passed`: what stands there before the first item placed. */
export function createItemShelf(stem: string, tell: Tell | undefined, passed?: PassedItems): ItemShelf {
  const items: string[] = [...(passed?.done ?? [])]
  let placed = passed?.open.index ?? 0
  return {
    tell,
    place(prefix) {
      const index = placed++
      if (index === passed?.open.index) return passed.open
      return { index, id: `${prefix}_${stem}${index}` }
    },
    begin({ index }, item) {
      tell?.('response.output_item.added', `"output_index":${index},"item":${item}`)
    },
    keep({ index }, item) {
      items[index] = item
      tell?.('response.output_item.done', `"output_index":${index},"item":${item}`)
    },
    done: () => items.filter((item) => item !== undefined),
  }
}
