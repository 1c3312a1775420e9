/** An answer's calls in the caller's own words: its names of the tools, and free text out of its wrapping. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'
import { createStreamedText } from '#services/llm-adapters/fitting/streamed-text.ts'
import type { StreamedText } from '#services/llm-adapters/fitting/streamed-text.ts'
import { textOfArguments } from '#services/llm-adapters/fitting/tool-words.ts'
import type { ToolWords } from '#services/llm-adapters/fitting/tool-words.ts'

export function inOwnWords(answer: ChatAnswer, words: ToolWords): ChatAnswer {
  const choices = answer.choices.map((choice) => ({
    ...choice,
    parts: choice.parts.map((part) => partInOwnWords(part, words)),
  }))
  return { ...answer, choices }
}

function partInOwnWords(part: Part, words: ToolWords): Part {
  if (part.type !== 'tool_call') return part
  const name = words.ownNames.get(part.name) ?? part.name
  if (!words.textTools.has(name)) return { ...part, name }
  return { ...part, name, kind: 'custom', argumentsText: textOfArguments(part.argumentsText) }
}

/** The same decoder, its calls in the caller's own words. */
export function decoderInOwnWords(decoder: StreamDecoder, words: ToolWords): StreamDecoder {
  const open = new Map<
    string,
    { readonly choice: number; readonly call: number; readonly text: StreamedText }
  >()
  const keyOf = (choice: number, call: number) => `${choice}.${call}`

  const endOpen = (events: ChatEvent[], isOfChoice: (choice: number) => boolean) => {
    for (const [key, { choice, call, text }] of open) {
      if (!isOfChoice(choice)) continue
      open.delete(key)
      const argumentsText = text.end()
      if (argumentsText !== '') events.push({ type: 'tool-call-delta', choice, call, argumentsText })
    }
  }

  const read = (given: readonly ChatEvent[]): ChatEvent[] => {
    const events: ChatEvent[] = []
    for (const event of given) {
      if (event.type === 'tool-call-start') {
        const { choice, call } = event
        const name = words.ownNames.get(event.name) ?? event.name
        const isText = words.textTools.has(name)
        if (isText) open.set(keyOf(choice, call), { choice, call, text: createStreamedText() })
        events.push({ ...event, name, ...(isText ? { kind: 'custom' } : {}) })
      } else if (event.type === 'tool-call-delta') {
        const text = open.get(keyOf(event.choice, event.call))?.text
        const argumentsText = text ? text.push(event.argumentsText) : event.argumentsText
        if (argumentsText !== '') events.push({ ...event, argumentsText })
      } else {
        if (event.type === 'finish') endOpen(events, (choice) => choice === event.choice)
        events.push(event)
      }
    }
    return events
  }

  return {
    push: (chunk) => read(decoder.push(chunk)),
    end() {
      const events = read(decoder.end())
      endOpen(events, () => true)
      return events
    },
    get problem() {
      return decoder.problem
    },
    get isComplete() {
      return decoder.isComplete
    },
  }
}
