/** An answer's calls in the caller's own words: its names of the tools, and free text out of its wrapping. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import type { Problem } from '#core/domain/problem.ts'
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
export const decoderInOwnWords = (decoder: StreamDecoder, words: ToolWords): StreamDecoder =>
  new OwnWordsDecoder(decoder, words)

/** A call whose free text is being unwrapped. */
interface OpenText {
  readonly choice: number
  readonly call: number
  readonly text: StreamedText
}

class OwnWordsDecoder implements StreamDecoder {
  readonly #decoder: StreamDecoder
  readonly #words: ToolWords
  readonly #open = new Map<string, OpenText>()

  constructor(decoder: StreamDecoder, words: ToolWords) {
    this.#decoder = decoder
    this.#words = words
  }

  push(chunk: Uint8Array): readonly ChatEvent[] {
    return this.#read(this.#decoder.push(chunk))
  }

  end(): readonly ChatEvent[] {
    const events = this.#read(this.#decoder.end())
    this.#endOpen(events, () => true)
    return events
  }

  get problem(): Problem | undefined {
    return this.#decoder.problem
  }

  get isComplete(): boolean {
    return this.#decoder.isComplete
  }

  #read(given: readonly ChatEvent[]): ChatEvent[] {
    const events: ChatEvent[] = []
    for (const event of given) {
      if (event.type === 'tool-call-start') {
        const { choice, call } = event
        const name = this.#words.ownNames.get(event.name) ?? event.name
        const isText = this.#words.textTools.has(name)
        if (isText) this.#open.set(keyOf(choice, call), { choice, call, text: createStreamedText() })
        events.push({ ...event, name, ...(isText ? { kind: 'custom' } : {}) })
      } else if (event.type === 'tool-call-delta') {
        const text = this.#open.get(keyOf(event.choice, event.call))?.text
        const argumentsText = text ? text.push(event.argumentsText) : event.argumentsText
        if (argumentsText !== '') events.push({ ...event, argumentsText })
      } else {
        if (event.type === 'finish') this.#endOpen(events, (choice) => choice === event.choice)
        events.push(event)
      }
    }
    return events
  }

  #endOpen(events: ChatEvent[], isOfChoice: (choice: number) => boolean): void {
    for (const [key, { choice, call, text }] of this.#open) {
      if (!isOfChoice(choice)) continue
      this.#open.delete(key)
      const argumentsText = text.end()
      if (argumentsText !== '') events.push({ type: 'tool-call-delta', choice, call, argumentsText })
    }
  }
}

const keyOf = (choice: number, call: number) => `${choice}.${call}`
