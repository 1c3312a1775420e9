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

/** `stem`: what the ids of this response have in common. */
export function createItemShelf(stem: string, tell: Tell | undefined): ItemShelf {
  const items: string[] = []
  let placed = 0
  return {
    tell,
    place(prefix) {
      const index = placed++
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
