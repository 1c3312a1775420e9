/** The tokens of thinking in a text that a door handed out: the text itself, or what travels wrapped in it. */
import { readCarriedToken } from '../../src/http/carried-token.ts'

const kinds: ReadonlySet<string> = new Set(['signature', 'encrypted', 'redacted', 'thought_signature'])

export function thinkingTokens(text: string): readonly string[] {
  const wrapped = readCarriedToken(text, 'token')
  return wrapped ? wrapped.flatMap(({ kind, value }) => (kinds.has(kind) ? [value] : [])) : [text]
}
