/** A part of another provider that an API of OpenAI has no form for, as one opaque text that brings it back whole. */
import type { Carry, Part } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { writeCarriedToken } from '#http/carried-token.ts'

/** Under this name the first token's members say what it belongs to; taken off before any provider sees them. */
export const carriedMember = 'signalbox'

export type ForeignPart = Extract<Part, { type: 'server_tool' | 'opaque' }>

/** A tool that the provider ran itself, or anything unknown, with the tokens on it. */
export function writeForeignPart(part: ForeignPart): string {
  const { type, origin, value, carry = [] } = part
  const named: JsonObject =
    type === 'server_tool' ? { phase: part.phase, name: part.name } : { name: part.kind }
  const extras = { [carriedMember]: { kind: 'part', type, value, ...named } }
  return writeCarriedToken([{ origin, kind: 'item', value: '', extras }, ...carry])
}

/** The part in the tokens of `writeForeignPart`; undefined for any other tokens. */
export function readForeignPart([first, ...carry]: readonly Carry[]): ForeignPart | undefined {
  const mark = asObject(first?.extras?.[carriedMember])
  if (!first || mark?.['kind'] !== 'part') return undefined
  const { origin } = first
  const name = asString(mark['name']) ?? ''
  const value = asObject(mark['value'])
  const carried = carry.length > 0 ? { carry } : {}
  if (mark['type'] !== 'server_tool') {
    return { type: 'opaque', kind: name, origin, value: mark['value'] ?? null, ...carried }
  }
  const phase = mark['phase'] === 'result' ? 'result' : 'call'
  return value ? { type: 'server_tool', phase, name, origin, value, ...carried } : undefined
}
