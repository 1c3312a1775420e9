/** Ids and names of tools for providers that take only some: the same one always maps to the same, so pairs stay pairs. */

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

/** A name of at most `charactersMax` letters, digits and `_`: readable, and told from its likes by a digest at its end. */
export function plainName(name: string, charactersMax: number): string {
  const letters = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')
  return `${letters.slice(0, charactersMax - 9)}_${digestCharacters(name, 8)}`
}

/** Not a secret, only a spread: each character comes from a hash of its own. */
function digestCharacters(text: string, count: number): string {
  let characters = ''
  for (let at = 0; at < count; at += 1) characters += alphabet[hashOf(text, at) % alphabet.length] ?? 'A'
  return characters
}

/** FNV-1a with the finish of MurmurHash3, 32 bits; both are in the public domain. */
function hashOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1)
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
