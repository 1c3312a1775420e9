/** Splits text that begins with `<think>...</think>` into thinking and answer, wherever a stream cuts it. */

export interface TextPiece {
  readonly kind: 'text' | 'reasoning'
  readonly text: string
}

export interface ThinkTagSplitter {
  push(text: string): readonly TextPiece[]
  /** What was held back because it might have become a tag. */
  end(): readonly TextPiece[]
}

const open = '<think>'
const close = '</think>'

/** Only tags at the very start count: later ones are something that the model writes about. */
export function createThinkTagSplitter(): ThinkTagSplitter {
  let stage: 'start' | 'thinking' | 'answer' = 'start'
  let held = ''

  const readStart = (): readonly TextPiece[] => {
    const trimmed = held.trimStart()
    if (trimmed.length < open.length && open.startsWith(trimmed)) return []
    if (!trimmed.startsWith(open)) {
      stage = 'answer'
      return release('text')
    }
    stage = 'thinking'
    held = trimmed.slice(open.length)
    return readThinking()
  }

  const readThinking = (): readonly TextPiece[] => {
    const end = held.indexOf(close)
    if (end === -1) {
      const kept = partOfTagAtEnd(held)
      const text = held.slice(0, held.length - kept)
      held = held.slice(held.length - kept)
      return text === '' ? [] : [{ kind: 'reasoning', text }]
    }
    const thought = held.slice(0, end)
    held = held.slice(end + close.length)
    stage = 'answer'
    return [...(thought === '' ? [] : [{ kind: 'reasoning', text: thought } as const]), ...release('text')]
  }

  const release = (kind: TextPiece['kind']): readonly TextPiece[] => {
    const text = held
    held = ''
    return text === '' ? [] : [{ kind, text }]
  }

  return {
    push(text) {
      if (stage === 'answer') return text === '' ? [] : [{ kind: 'text', text }]
      held += text
      return stage === 'start' ? readStart() : readThinking()
    },
    end: () => release(stage === 'thinking' ? 'reasoning' : 'text'),
  }
}

/** How many characters at the end of the text could be the beginning of the closing tag. */
function partOfTagAtEnd(text: string): number {
  for (let length = Math.min(close.length - 1, text.length); length > 0; length -= 1) {
    if (close.startsWith(text.slice(text.length - length))) return length
  }
  return 0
}
