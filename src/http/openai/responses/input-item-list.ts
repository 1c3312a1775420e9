/** The list of a kept response's input items: each in the form in which OpenAI lists it, with its id. */
import { z } from 'zod'
import { asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { KeptItem } from '#core/domain/kept-response.ts'

export const inputItemsQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Most items of a page.'),
  order: z.enum(['asc', 'desc']).default('desc').describe('`desc`: the newest first.'),
  after: z.string().optional().describe('The id of the item behind which the page begins.'),
})

export const inputItemList = z
  .object({
    object: z.literal('list'),
    data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: 'ResponseInputItems' })

/** `input`: oldest first. Throws `invalid_value` when no item has the id of `after`. */
export function inputItemsPage(
  input: readonly KeptItem[],
  { limit, order, after }: z.output<typeof inputItemsQuery>,
): z.output<typeof inputItemList> {
  const ordered = order === 'asc' ? input : input.toReversed()
  const from = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0) {
    throw new Problem('invalid_value', {
      param: 'after',
      detail: `Item with id '${after.slice(0, 80)}' not found.`,
    })
  }
  const page = ordered.slice(from, from + limit)
  return {
    object: 'list',
    data: page.map(listed),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: from + limit < ordered.length,
  }
}

function listed({ id, item }: KeptItem): JsonObject & { id: string; type: string } {
  const type = asString(item['type']) ?? 'message'
  const status: JsonObject = type === 'reasoning' ? {} : { status: item['status'] ?? 'completed' }
  if (type !== 'message') return { ...item, ...status, id, type }
  const content = contentOf(item)
  return { ...item, ...status, id, type, content }
}

/** A message may be asked with plain text; it is listed in parts. */
function contentOf({ role, content }: JsonObject): JsonValue {
  if (typeof content !== 'string') return content ?? []
  return role === 'assistant'
    ? [{ type: 'output_text', text: content, annotations: [] }]
    : [{ type: 'input_text', text: content }]
}
