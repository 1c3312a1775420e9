/** What is known of one output item while it grows. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry, Citation } from '#core/domain/chat.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** An item whose deltas are being read. */
export interface OpenItem {
  /** The number of the call, when the item is one and has begun. */
  call: number | undefined
  argumentsText: string
  /** Deltas were read for these content parts. */
  readonly begunParts: Set<number>
  citationCount: number
  hasReasoning: boolean
  hasLogprobs: boolean
  isDone: boolean
}

export interface ItemTable {
  /** The item at a position of the output, from the first word about it on. */
  readonly itemAt: (index: number) => OpenItem
  /**
   * The numbers that events gave to the items of a whole output of so many, by their positions in it: the same, unless
   * they count beyond it. Then their order is what both have in common.
   */
  readonly numbersOf: (count: number) => readonly number[]
}

export function createItemTable(): ItemTable {
  const items = new Map<number, OpenItem>()
  return {
    itemAt(index) {
      const known = items.get(index)
      if (known) return known
      const fresh = createOpenItem()
      items.set(index, fresh)
      return fresh
    },
    numbersOf(count) {
      const positions = Array.from({ length: count }, (_, position) => position)
      const numbers = [...items.keys()].sort((one, other) => one - other)
      const highest = numbers.at(-1) ?? -1
      if (highest < count) return positions
      return positions.map((position) => numbers[position] ?? highest + 1 + position)
    },
  }
}

function createOpenItem(): OpenItem {
  return {
    call: undefined,
    argumentsText: '',
    begunParts: new Set(),
    citationCount: 0,
    hasReasoning: false,
    hasLogprobs: false,
    isDone: false,
  }
}

/** Tools that the provider runs itself. */
const serverItems: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'tool_search_call',
])

/** Calls in a form of their own, which the caller must run. */
const callerItems: ReadonlySet<string> = new Set([
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'computer_call',
])

/** Whether the caller must do something before the conversation can go on. */
export function isCallOfCaller(item: JsonObject): boolean {
  const type = asString(item['type']) ?? ''
  return type === 'function_call' || type === 'custom_tool_call' || callerItems.has(type)
}

/**
 * An item without deltas that we read: a tool of the provider, a produced image, or anything unknown. What has no type
 * is no item, and a list of thousands of such would become as many pieces of an answer.
 */
export function addWholeItem(item: JsonObject, events: ChatEvent[]): void {
  const type = asString(item['type'])
  if (type === undefined) return
  if (!serverItems.has(type)) {
    const part = { type: 'opaque', kind: type, origin: 'openai-responses', value: item } as const
    events.push({ type: 'part', choice: 0, part })
    return
  }
  const part = {
    type: 'server_tool',
    phase: 'call',
    name: type,
    origin: 'openai-responses',
    value: item,
  } as const
  events.push({ type: 'part', choice: 0, part })
  const image = type === 'image_generation_call' ? asString(item['result']) : undefined
  if (!image) return
  const mediaType = `image/${asString(item['output_format']) ?? 'png'}`
  const source = { kind: 'inline', base64: image } as const
  events.push({ type: 'part', choice: 0, part: { type: 'image', source, mediaType } })
}

/** Summary and raw thoughts, one after the other. */
export function reasoningText(item: JsonObject): string {
  let text = ''
  for (const piece of [...asArray(item['summary']), ...asArray(item['content'])]) {
    text += asString(asObject(piece)?.['text']) ?? ''
  }
  return text
}

/** The token that must be replayed, with the summary's paragraphs where there are several. */
export function reasoningCarry(item: JsonObject): Carry | undefined {
  const encrypted = asString(item['encrypted_content'])
  const itemId = asString(item['id'])
  if (!encrypted && !itemId) return undefined
  const { summary } = item
  const extras = asArray(summary).length > 1 ? { summary } : undefined
  return {
    origin: 'openai-responses',
    kind: encrypted ? 'encrypted' : 'item',
    value: encrypted ?? '',
    ...(itemId ? { itemId } : {}),
    ...(extras ? { extras } : {}),
  }
}

/** Fields of an item that its origin wants back: a message's phase, a call's namespace and caller. */
export function itemCarry(item: JsonObject, names: readonly string[]): Carry | undefined {
  const extras: { [name: string]: JsonValue } = {}
  for (const name of names) {
    const value = item[name]
    if (value !== undefined && value !== null) extras[name] = value
  }
  if (Object.keys(extras).length === 0) return undefined
  const itemId = asString(item['id'])
  return {
    origin: 'openai-responses',
    kind: 'item',
    value: '',
    ...(itemId ? { itemId } : {}),
    extras,
  }
}

export function citationOf(annotation: JsonObject): Citation {
  return {
    origin: 'openai-responses',
    value: annotation,
    url: asString(annotation['url']),
    title: asString(annotation['title']) ?? asString(annotation['filename']),
    start: asNumber(annotation['start_index']),
    end: asNumber(annotation['end_index']),
  }
}
