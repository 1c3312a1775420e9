/** The `thoughtSignature` of parts: Gemini's own as it is, everybody else's thinking in a text of this gateway. */
import type { Carry, Dialect, Part, ReasoningPart, ServerToolPart, TextPart } from '#core/domain/chat.ts'
import { asArray, asCount, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { isCarriedToken, readCarriedToken, writeCarriedToken } from '#http/carried-token.ts'

/** What stood before a part in the answer and has no place of its own in this API: hidden thinking, foreign tool runs. */
export interface Piece {
  readonly part: ReasoningPart | ServerToolPart | Extract<Part, { type: 'opaque' }> | TextPart
  /** Nothing visible stood before it in its turn. */
  readonly isLeading: boolean
}

export interface ThoughtToken {
  readonly before: readonly Piece[]
  /** Tokens of the part itself. */
  readonly own: readonly Carry[]
}

/** The layout of the tokens goes in front of them as one more; readers that do not know it leave it alone. */
const layoutMark = { origin: 'gemini-generate', kind: 'item', itemId: 'layout-1' } as const

/** Gemini's own signature alone is written as it is. Undefined when there is nothing to carry. */
export function writeThoughtToken({ before, own }: ThoughtToken): string | undefined {
  const [only] = own
  if (before.length === 0) {
    if (only === undefined) return undefined
    if (own.length === 1 && isSignatureOfGemini(only)) return only.value
    return writeCarriedToken(own)
  }
  const carries: Carry[] = []
  const layout = before.map(({ part, isLeading }): JsonObject => {
    carries.push(...(part.carry ?? []))
    return { ...bodyOf(part), carries: part.carry?.length ?? 0, ...(isLeading ? { leads: true } : {}) }
  })
  return writeCarriedToken([{ ...layoutMark, value: JSON.stringify(layout) }, ...carries, ...own])
}

export const isSignatureOfGemini = ({ origin, kind }: Carry): boolean =>
  origin === 'gemini-generate' && kind === 'thought_signature'

function bodyOf(part: Piece['part']): JsonObject {
  switch (part.type) {
    case 'reasoning':
      return { text: part.text }
    case 'text':
      return { plan: part.text }
    case 'server_tool':
      return { tool: part.name, phase: part.phase, origin: part.origin, value: part.value }
    case 'opaque':
      return { kind: part.kind, origin: part.origin, value: part.value }
  }
}

/** Whether a signature is a text of this gateway and none of Gemini's. */
export const isOfGateway = isCarriedToken

/** Throws `invalid_value` naming `param` for a text of this gateway that was changed on its way. */
export function readThoughtToken(text: string, param: string): ThoughtToken {
  const carries = readCarriedToken(text, param)
  if (!carries)
    return { before: [], own: [{ origin: 'gemini-generate', kind: 'thought_signature', value: text }] }
  const [first] = carries
  if (first?.origin !== layoutMark.origin || first.itemId !== layoutMark.itemId)
    return { before: [], own: carries }
  let next = 1
  const before: Piece[] = []
  for (const entry of asArray(parseJson(first.value))) {
    const body = asObject(entry) ?? {}
    const count = asCount(body['carries']) ?? 0
    const part = partOf(body, carries.slice(next, next + count))
    if (!part || next + count > carries.length) throw damaged(param)
    next += count
    before.push({ part, isLeading: body['leads'] === true })
  }
  if (before.length === 0) throw damaged(param)
  return { before, own: carries.slice(next) }
}

const damaged = (param: string) =>
  new Problem('invalid_value', {
    param,
    detail: `${param} is a token of this gateway that was changed on its way.`,
    mend: "Send the model's turn back as it was received.",
  })

const dialects: ReadonlySet<string> = new Set<Dialect>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini-generate',
  'cohere-chat',
])

function partOf(body: JsonObject, carries: readonly Carry[]): Piece['part'] | undefined {
  const carried = carries.length > 0 ? { carry: carries } : {}
  const text = asString(body['text'])
  if (text !== undefined) return { type: 'reasoning', text, ...carried }
  const plan = asString(body['plan'])
  if (plan !== undefined) return { type: 'text', text: plan, isToolPlan: true, ...carried }
  const name = asString(body['origin']) ?? ''
  if (!dialects.has(name)) return undefined
  const origin = name as Dialect
  const tool = asString(body['tool'])
  const value = asObject(body['value'])
  if (tool !== undefined && value) {
    const phase = body['phase'] === 'result' ? 'result' : 'call'
    return { type: 'server_tool', phase, name: tool, origin, value, ...carried }
  }
  const kind = asString(body['kind'])
  const any: JsonValue | undefined = body['value']
  return kind === undefined || any === undefined
    ? undefined
    : { type: 'opaque', kind, origin, value: any, ...carried }
}
