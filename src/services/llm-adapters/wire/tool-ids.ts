/** Tool call ids for providers that take only some: the same id always maps to the same one, so pairs stay pairs. */
import { createHash } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** An id of exactly nine letters or digits, as Mistral demands: unchanged when it is one, else a digest of it. */
export function nineCharacterId(id: string): string {
  if (/^[A-Za-z0-9]{9}$/.test(id)) return id
  return digestCharacters(id, 9)
}

/** An id of at most `charactersMax` letters, digits, `_` and `-`: unchanged when it is one, else a digest of it. */
export function plainId(id: string, charactersMax: number): string {
  if (id.length <= charactersMax && /^[A-Za-z0-9_-]+$/.test(id)) return id
  return `call_${digestCharacters(id, Math.min(24, charactersMax - 5))}`
}

function digestCharacters(text: string, count: number): string {
  const digest = createHash('sha256').update(text).digest()
  let characters = ''
  for (let at = 0; at < count; at += 1) {
    characters += alphabet[(digest[at] ?? 0) % alphabet.length] ?? 'A'
  }
  return characters
}
