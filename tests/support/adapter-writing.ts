/** Questions in few words, and what an adapter sends for them. */
import type { ChatMessage, ChatQuestion, Dialect, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderQuirk, Target } from '#core/domain/target.ts'
import type { HttpCall, LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { recordedTarget } from './recorded-target.ts'

export interface Circumstances {
  readonly quirks?: readonly ProviderQuirk[]
  readonly modelQuirks?: readonly string[]
  /** Abilities that the model lacks. */
  readonly without?: readonly string[]
  readonly cap?: number
}

export const text = (value: string): Part => ({ type: 'text', text: value })
export const says = (role: ChatMessage['role'], ...parts: readonly Part[]): ChatMessage => ({ role, parts })
export const hello = says('user', text('Hello'))

export const inline = (type: 'image' | 'document' | 'audio' | 'video', mediaType: string): Part => ({
  type,
  mediaType,
  source: { kind: 'inline', base64: 'QUJD' },
})

export const call = (id: string, name = 'f'): Part => ({
  type: 'tool_call',
  id,
  name,
  kind: 'function',
  argumentsText: '{"a":1}',
})

export const result = (callId: string, parts: readonly Part[], isError = false): Part => ({
  type: 'tool_result',
  callId,
  parts,
  isError,
})

/** A target of the model `gpt-x` that can do everything but what it is without. */
export function targetFor(dialect: Dialect, circumstances: Circumstances = {}): Target {
  const { quirks = [], modelQuirks = [], without = [] } = circumstances
  const target = recordedTarget({ dialect, model: 'gpt-x', quirks, modelQuirks })
  const abilities = new Set([...target.card.abilities].filter((ability) => !without.includes(ability)))
  return { ...target, card: { ...target.card, abilities } }
}

/** The call for a question that says hello unless it says otherwise. */
export function encodeWith(
  adapter: LlmAdapter,
  question: Partial<ChatQuestion>,
  circumstances: Circumstances = {},
): HttpCall {
  const terms = { maxOutputTokens: circumstances.cap ?? 100, requestId: 'request-1' }
  const target = targetFor(adapter.dialect, circumstances)
  return adapter.encode({ messages: [hello], isStreamed: false, ...question }, target, terms)
}

export function sentBody(sent: HttpCall): Record<string, unknown> {
  return JSON.parse(String(sent.body)) as Record<string, unknown>
}

export function isUnsupported(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.code === 'unsupported_feature'
}

/** A request as it arrived, oddly spaced, with the place of each member in its text. */
export function nativeOf(dialect: Dialect, body: JsonObject): NonNullable<ChatQuestion['native']> {
  const members = new Map<string, { start: number; end: number }>()
  let source = '{ '
  for (const [name, value] of Object.entries(body)) {
    source += `${members.size === 0 ? '' : ' , '}${JSON.stringify(name)} : `
    const start = source.length
    source += JSON.stringify(value)
    members.set(name, { start, end: source.length })
  }
  return { dialect, body, text: `${source} }`, members }
}
