/** One turn of the model put together again: pieces of a stream joined, and what its tokens carried back in place. */
import type { Part } from '#core/domain/chat.ts'
import type { ReadPart } from '#http/gemini/content-parts.ts'
import type { Piece } from '#http/gemini/thought-token.ts'

export interface ModelTurn {
  add(read: ReadPart): void
  readonly parts: readonly Part[]
}

export function createModelTurn(): ModelTurn {
  const parts: Part[] = []
  /** The same thinking may travel on several parts, for clients that keep only some of them. */
  const restored = new Set<string>()
  let leadingCount = 0

  const restore = ({ part, isLeading }: Piece): void => {
    const key = JSON.stringify(part)
    if (restored.has(key)) return
    restored.add(key)
    if (isLeading) parts.splice(leadingCount++, 0, part)
    else parts.push(part)
  }

  return {
    parts,
    add({ part, before }) {
      for (const piece of before) restore(piece)
      if (!part) return
      const last = parts.at(-1)
      if (part.type === 'text' && part.text === '' && !part.carry) return
      const isJoined = last?.type === part.type && !last.carry && !part.carry
      if (isJoined && part.type === 'text' && last.type === 'text' && last.isToolPlan !== true) {
        parts[parts.length - 1] = { ...last, text: last.text + part.text }
      } else if (isJoined && part.type === 'reasoning' && last.type === 'reasoning') {
        parts[parts.length - 1] = { ...last, text: last.text + part.text }
      } else parts.push(part)
    },
  }
}
