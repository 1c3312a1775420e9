/** Items that come complete: a produced picture, or an item of this API itself. */
import type { MediaPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ItemShelf } from '#http/openai/responses/item-shelf.ts'

/** As the item that OpenAI's own picture tool leaves. */
export function addImageItem(shelf: ItemShelf, { source }: MediaPart): void {
  if (source.kind !== 'inline') return
  const place = shelf.place('ig')
  const item = (status: string, result: string | null) =>
    JSON.stringify({ id: place.id, type: 'image_generation_call', status, result })
  const at = `"output_index":${place.index},"item_id":"${place.id}"`
  shelf.begin(place, item('in_progress', null))
  shelf.tell?.('response.image_generation_call.completed', at)
  shelf.keep(place, item('completed', source.base64))
}

export function addOwnItem(shelf: ItemShelf, value: JsonObject): void {
  const place = shelf.place('item')
  const item = JSON.stringify({ id: place.id, ...value })
  shelf.begin(place, item)
  shelf.keep(place, item)
}
