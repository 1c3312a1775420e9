/** A message's content, a string or a list of items, as events. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { addImage, opaqueEvent } from '#services/llm-adapters/openai-chat/part-events.ts'
import { createThinkTagSplitter } from '#services/llm-adapters/openai-chat/think-tags.ts'

export interface ContentReader {
  add(content: JsonValue | undefined, events: ChatEvent[]): void
  /** Nothing more comes: text that was held back goes out. */
  finish(events: ChatEvent[]): void
}

export interface ContentReaderOptions {
  readonly choice: number
  readonly splitsThinkTags: boolean
  /** Called before each piece of text. */
  readonly beforeText: (events: ChatEvent[]) => void
}

export function createContentReader(options: ContentReaderOptions): ContentReader {
  const { choice } = options
  const splitter = options.splitsThinkTags ? createThinkTagSplitter() : undefined

  const addText = (text: string, events: ChatEvent[]): void => {
    if (text === '') return
    options.beforeText(events)
    if (!splitter) {
      events.push({ type: 'text-delta', choice, text })
      return
    }
    for (const piece of splitter.push(text)) events.push(pieceEvent(choice, piece.kind, piece.text))
  }

  const addItem = (item: JsonObject, events: ChatEvent[]): void => {
    switch (item['type']) {
      case 'text':
      case 'output_text':
        addText(asString(item['text']) ?? '', events)
        return
      case 'thinking':
        addThinking(choice, item, events)
        return
      case 'refusal':
        addRefusal(choice, item['refusal'], events)
        return
      case 'reference':
        events.push({ type: 'citation', choice, citation: { origin: 'openai-chat', value: item } })
        return
      case 'image_url':
        addImage(choice, item, events)
        return
      default:
        events.push(opaqueEvent(choice, asString(item['type']) ?? 'content', item))
    }
  }

  return {
    add(content, events) {
      if (typeof content === 'string') addText(content, events)
      else for (const item of asArray(content)) addItem(asObject(item) ?? {}, events)
    },
    finish(events) {
      if (splitter) for (const { kind, text } of splitter.end()) events.push(pieceEvent(choice, kind, text))
    },
  }
}

function pieceEvent(choice: number, kind: 'text' | 'reasoning', text: string): ChatEvent {
  return { type: kind === 'text' ? 'text-delta' : 'reasoning-delta', choice, text }
}

/** Mistral: `thinking` is a list of text items, in other servers a string. */
function addThinking(choice: number, item: JsonObject, events: ChatEvent[]): void {
  const { thinking } = item
  const text =
    typeof thinking === 'string'
      ? thinking
      : asArray(thinking)
          .map((piece) => asString(asObject(piece)?.['text']) ?? '')
          .join('')
  if (text !== '') events.push({ type: 'reasoning-delta', choice, text })
}

export function addRefusal(choice: number, refusal: JsonValue | undefined, events: ChatEvent[]): void {
  if (typeof refusal === 'string' && refusal !== '') {
    events.push({ type: 'refusal-delta', choice, text: refusal })
  }
}
