/** What a stream has said so far, kept so that somebody else can go on with it. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { StreamDecoder } from '#services/llm-adapters/adapter.ts'

export interface Said {
  add(events: readonly ChatEvent[]): void
  /** Undefined when it is not mere text, is over, or is too long: then nobody can go on with it. */
  told(): Told | undefined
}

export interface Told {
  /** Has words in it. */
  readonly text: string
  /** The same as events in common words, pieces joined. */
  readonly events: readonly ChatEvent[]
}

/** Bytes of a stream that is passed on are only read once so many have come: most streams end before. */
const unreadBytesMax = 65_536

/** `openDecoder`: reads the bytes that were passed on as they came. */
export function createSaid(openDecoder: () => StreamDecoder, charactersMax: number): Said {
  const words = createToldWords(charactersMax)
  let decoder: StreamDecoder | undefined
  let unread: Uint8Array[] = []
  let unreadBytes = 0
  let isNative = false

  const readAll = (): void => {
    if (unread.length === 0) return
    decoder ??= openDecoder()
    for (const bytes of unread) words.add(decoder.push(bytes))
    unread = []
    unreadBytes = 0
    if (decoder.problem) words.giveUp()
  }

  return {
    add(events) {
      if (words.isHopeless) return
      for (const event of events) {
        if (event.type !== 'native') continue
        isNative = true
        unread.push(event.bytes)
        unreadBytes += event.bytes.byteLength
      }
      // What is passed on as bytes comes in words too, as far as the meter needs them.
      if (!isNative) words.add(events)
      else if (events[0]?.type === 'resumed') {
        // From here on there are words alone.
        readAll()
        isNative = false
      }
      if (unreadBytes > unreadBytesMax) readAll()
    },
    told() {
      readAll()
      return words.told()
    },
  }
}

/** What may come with mere text. Thinking that is hidden has no words in any other API. */
const isBesideText = (event: ChatEvent): boolean =>
  event.type === 'start' ||
  event.type === 'extras' ||
  (event.type === 'carry' && event.call === undefined && event.carry.kind !== 'redacted')

interface ToldWords {
  add(events: readonly ChatEvent[]): void
  told(): Told | undefined
  giveUp(): void
  readonly isHopeless: boolean
}

function createToldWords(charactersMax: number): ToldWords {
  const events: ChatEvent[] = []
  let text = ''
  let characters = 0

  const giveUp = () => {
    words.isHopeless = true
    events.length = 0
    text = ''
  }
  const addWords = (event: Extract<ChatEvent, { type: 'text-delta' | 'reasoning-delta' }>) => {
    const last = events.at(-1)
    if (last?.type === event.type && !event.begins) {
      events[events.length - 1] = { ...last, text: last.text + event.text }
    } else events.push(event)
    characters += event.text.length
    if (characters > charactersMax) giveUp()
  }
  const addEvent = (event: ChatEvent) => {
    switch (event.type) {
      case 'text-delta':
        if (event.choice !== 0 || event.isToolPlan) giveUp()
        else {
          text += event.text
          addWords(event)
        }
        return
      case 'reasoning-delta':
        addWords(event)
        return
      case 'usage':
      case 'native':
      case 'resumed':
        return
      default:
        // Not so a call, a picture, a refusal, a source, a token's probability, or the end.
        if (isBesideText(event)) events.push(event)
        else giveUp()
    }
  }

  const words: Writable<ToldWords> = {
    isHopeless: false,
    add(given) {
      for (const event of given) if (!words.isHopeless) addEvent(event)
    },
    told() {
      const isOpen = events.findLast(({ type }) => type.endsWith('-delta'))?.type === 'text-delta'
      return words.isHopeless || !isOpen || text.trim() === '' ? undefined : { text, events }
    },
    giveUp,
  }
  return words
}
