/**
 * Tokens of other providers inside thinking blocks: the one place that every client of the Messages API returns
 * unchanged. A `signature` (or the `data` of a redacted block) that Signalbox wrote says to which part each belongs.
 */
import type { Carry, Dialect, OpaquePart, ServerToolPart } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { readCarriedToken, writeCarriedToken } from '#http/carried-token.ts'

/** A part that has no form at all in the Messages API and travels as it is. */
export type ForeignPart = ServerToolPart | OpaquePart

/** What one thinking block brings back. */
export interface CarriedThinking {
  /** Tokens of the thinking itself. */
  readonly own: Carry[]
  /** The text is a plan that was stated before tool calls, not thinking. */
  isPlan: boolean
  readonly calls: Array<{ readonly id: string; readonly carry: Carry[] }>
  /** Tokens of the part that stands before the block. */
  readonly before: Carry[]
  readonly parts: ForeignPart[]
}

/** Tokens of a call, by the call's id: it may stand before or after the block. */
export interface CarriedCall {
  readonly id: string
  readonly carry: readonly Carry[]
}

const origin = 'anthropic-messages'

/** Everything after a place, up to the next, belongs there; what stands before any place belongs to the thinking. */
type Place = 'thinking' | 'plan' | 'call' | 'before' | 'part'
const place = (value: Place, rest: Pick<Carry, 'itemId' | 'extras'> = {}): Carry => ({
  origin,
  kind: 'item',
  value,
  ...rest,
})

/** A signature for thinking that Anthropic did not sign. */
export function signThinking(thought: {
  readonly own: readonly Carry[]
  readonly isPlan?: boolean | undefined
  readonly call?: CarriedCall | undefined
}): string {
  const { own, isPlan, call } = thought
  return writeCarriedToken([
    place(isPlan ? 'plan' : 'thinking'),
    ...own,
    ...(call ? [place('call', { itemId: call.id }), ...call.carry] : []),
  ])
}

/** Tokens of a call, where no thinking stands before it. */
export const carryCall = (call: CarriedCall): string =>
  writeCarriedToken([place('call', { itemId: call.id }), ...call.carry])

/** Tokens of the part before: a text's are known only at its end. */
export const carryBefore = (carry: readonly Carry[]): string => writeCarriedToken([place('before'), ...carry])

export function carryPart(part: ForeignPart): string {
  const { carry = [], cacheHint: _, ...extras } = part
  return writeCarriedToken([place('part', { extras: extras as unknown as JsonObject }), ...carry])
}

/** Undefined for a token of Anthropic's own. Throws `invalid_value` naming `param` for one that was damaged. */
export function readCarriedThinking(token: string, param: string): CarriedThinking | undefined {
  const carries = readCarriedToken(token, param)
  if (!carries) return undefined
  const read: CarriedThinking = { own: [], isPlan: false, calls: [], before: [], parts: [] }
  let into = read.own
  for (const carry of carries) {
    if (carry.origin === origin && carry.kind === 'item') into = enter(read, carry, param)
    else into.push(carry)
  }
  return read
}

/** The list that the tokens after a place belong into. */
function enter(read: CarriedThinking, at: Carry, param: string): Carry[] {
  switch (at.value) {
    case 'plan':
      read.isPlan = true
      return read.own
    case 'thinking':
      return read.own
    case 'before':
      return read.before
    case 'call': {
      const carry: Carry[] = []
      read.calls.push({ id: at.itemId ?? '', carry })
      return carry
    }
    case 'part': {
      const carry: Carry[] = []
      const part = foreignPart(at.extras, carry)
      if (part) {
        read.parts.push(part)
        return carry
      }
    }
  }
  throw new Problem('invalid_value', {
    param,
    detail: `${param} was not written by this version of the gateway.`,
    mend: 'Send the assistant message back as it was received, or leave the block out.',
  })
}

const dialects: ReadonlySet<string> = new Set<Dialect>([
  'openai-chat',
  'openai-responses',
  'gemini-generate',
  'cohere-chat',
])

function foreignPart(fields: JsonObject | undefined, carry: readonly Carry[]): ForeignPart | undefined {
  const from = asString(fields?.['origin'])
  if (!fields || from === undefined || !dialects.has(from)) return undefined
  const { name, kind, phase, value } = fields
  if (fields['type'] === 'opaque' && typeof kind === 'string' && value !== undefined) {
    return { type: 'opaque', kind, origin: from as Dialect, value, carry }
  }
  const tool = asObject(value)
  if (fields['type'] !== 'server_tool' || typeof name !== 'string' || !tool) return undefined
  if (phase !== 'call' && phase !== 'result') return undefined
  return { type: 'server_tool', phase, name, origin: from as Dialect, value: tool, carry }
}
