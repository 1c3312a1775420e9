/** A request that points at kept responses, with everything that it points at put in place. */
import { asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import type { ResponseRequest, WireItem } from '#http/openai/responses/response-request-schema.ts'
import { outputOf } from '#core/domain/kept-response.ts'
import type { KeptItem } from '#core/domain/kept-response.ts'
import type { ResponseStore } from '#services/response-store/response-store.ts'

export interface KeptConversation {
  /** The request as it would read if the caller had sent everything itself, so that nothing is stored at a provider. */
  readonly body: JsonBody
  /** Undefined when the request points at nothing. */
  readonly resolution: Resolution | undefined
  /** All of the input, oldest first. */
  readonly input: readonly KeptItem[]
  /** The ids of what came with this very request. */
  readonly ownItems: readonly string[]
}

export interface Resolution {
  /** How many items stand before the caller's own. */
  readonly inheritedItems: number
}

export interface ConversationWish {
  readonly request: ResponseRequest
  readonly body: JsonBody
  readonly head: Pick<SurfaceHead, 'caller'>
  /** What the ids have in common that are given to items without one. */
  readonly stem: string
  /** Of the request with everything in place. */
  readonly bodyBytesMax: number
}

/** Throws `previous_response_not_found`, `not_found`, `body_too_large`, `missing_field`, `store_unavailable`. */
export async function keptConversation(
  store: ResponseStore,
  wish: ConversationWish,
): Promise<KeptConversation> {
  const { request, head } = wish
  const inherited = await inheritedOf(store, wish)
  const own = itemsOf(request)
  const references = new Set(own.flatMap((item, index) => referenceIn(item, index) ?? []))
  const found = references.size === 0 ? undefined : await store.findItems(head.caller, references)
  const input = [...inherited]
  const ownItems: string[] = []
  for (const [index, item] of own.entries()) {
    const reference = found && referenceIn(item, index)
    if (reference !== undefined) {
      const entry = found?.get(reference)
      if (!entry) throw itemNotFound(reference)
      input.push(entry)
    } else {
      const id = asString(item['id']) ?? `${prefixOf(item)}_${wish.stem}i${index}`
      input.push({ id, item })
      ownItems.push(id)
    }
  }
  const isResolved = isStated(request.previous_response_id) || references.size > 0
  return {
    body: bodyOf(wish, isResolved ? input : undefined),
    resolution: isResolved ? { inheritedItems: inherited.length } : undefined,
    input,
    ownItems,
  }
}

const isStated = (value: unknown) => value !== undefined && value !== null

async function inheritedOf(
  store: ResponseStore,
  { request, head }: ConversationWish,
): Promise<readonly KeptItem[]> {
  const { previous_response_id: id } = request
  if (!isStated(id)) return []
  const previous = await store.find(head.caller, id ?? '')
  if (previous) return [...previous.input, ...outputOf(previous)]
  throw new Problem('previous_response_not_found', {
    param: 'previous_response_id',
    detail: `Previous response with id '${(id ?? '').slice(0, 80)}' not found.`,
  })
}

function itemsOf({ input }: ResponseRequest): readonly JsonObject[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : (input as readonly JsonObject[])
}

/** The id that an item points at; undefined for an item that says something itself. */
function referenceIn(item: JsonObject | WireItem, index: number): string | undefined {
  const { type } = item
  const isReference =
    type === 'item_reference' ||
    (!isStated(type) && !('role' in item) && !('content' in item) && 'id' in item)
  if (!isReference) return undefined
  const id = asString(item['id'])
  if (id !== undefined) return id
  const param = `input[${index}].id`
  throw new Problem('missing_field', { param, detail: `${param} is required.` })
}

/** `store: null` is left out as far as OpenAI is concerned: it was said to this gateway. */
function bodyOf({ body, request, bodyBytesMax }: ConversationWish, input?: readonly KeptItem[]): JsonBody {
  const changes: { [name: string]: JsonValue } = {}
  if (request.store === true) changes['store'] = null
  if (input) {
    refuseTooMuch(input, bodyBytesMax)
    changes['input'] = input.map(({ item }) => item)
    if (isStated(request.previous_response_id)) changes['previous_response_id'] = null
  }
  if (Object.keys(changes).length === 0) return body
  const text = spliceMembers(body, changes)
  return { value: { ...body.value, ...changes }, text, members: scanJson(text, jsonBodyLimits).members }
}

/** Every item may be pointed at many times, so each is measured once. */
function refuseTooMuch(input: readonly KeptItem[], bodyBytesMax: number): void {
  const sizes = new Map<JsonObject, number>()
  let bytes = 0
  for (const { item } of input) {
    const size = sizes.get(item) ?? JSON.stringify(item).length
    sizes.set(item, size)
    bytes += size
    if (bytes <= bodyBytesMax) continue
    throw new Problem('body_too_large', {
      detail: `The request and what it points at are larger than ${bodyBytesMax} bytes.`,
      facts: { bytes_max: bodyBytesMax },
    })
  }
}

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
}

const prefixOf = ({ type }: JsonObject) => prefixes[asString(type) ?? 'message'] ?? 'item'

const itemNotFound = (id: string) =>
  new Problem('not_found', {
    param: 'input',
    detail: `Item with id '${id.slice(0, 80)}' not found.`,
    mend: 'Items are kept with their response, unless `store` was false; remove it from your input, or send the item itself.',
  })
