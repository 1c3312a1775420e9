/** A whole reply of Cohere's Chat API, version 2, as an answer. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import type { Citation, Part, TextPart } from '#core/domain/chat.ts'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { DecodeContext, WholeReply } from '#services/llm-adapters/adapter.ts'
import {
  argumentsTextOf,
  citationOf,
  finishOf,
  logprobsOf,
  usageOf,
} from '#services/llm-adapters/cohere/answer-words.ts'
import { failureProblem } from '#services/llm-adapters/cohere/explain.ts'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'

/** Throws `provider_malformed` for what is not an answer, and a Problem for one that failed before it said anything. */
export function decodeCohere(reply: WholeReply, context: DecodeContext): ChatAnswer {
  const body = asObject(parseJson(Buffer.from(reply.body).toString('utf8')))
  const message = asObject(body?.['message'])
  const provider = context.target.provider.name
  if (!body || !message) {
    throw new Problem('provider_malformed', { detail: 'The reply is not an answer.', provider })
  }
  const parts = partsOf(message, context)
  const finish = finishOf(body['finish_reason'])
  if (finish.unified === 'error' && parts.length === 0) {
    throw failureProblem(finish.raw, asString(body['error']), provider)
  }
  const logprobs = logprobsOf(asArray(body['logprobs']))
  return {
    id: asString(body['id']) ?? '',
    model: '',
    choices: [{ index: 0, parts, finish, ...(logprobs ? { logprobs } : {}) }],
    usage: usageOf(asObject(body['usage']) ?? {}),
    ...(context.isNative ? { native: { dialect: 'cohere-chat', bytes: reply.body } } : {}),
  }
}

function partsOf(message: JsonObject, context: DecodeContext): readonly Part[] {
  const parts: Part[] = contentParts(message['content'])
  const callIds = createCallIds(() => context.mintId())
  const plan = asString(message['tool_plan'])
  if (plan) parts.push({ type: 'text', text: plan, isToolPlan: true })
  addCitations(parts, asArray(message['citations']))
  for (const value of asArray(message['tool_calls'])) {
    const call = asObject(value)
    const called = asObject(call?.['function'])
    if (!call || !called) continue
    parts.push({
      type: 'tool_call',
      id: callIds(asString(call['id'])),
      name: asString(called['name']) ?? '',
      kind: 'function',
      argumentsText: argumentsTextOf(called['arguments']),
    })
  }
  return parts
}

function contentParts(content: JsonValue | undefined): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  const parts: Part[] = []
  for (const value of asArray(content)) {
    const item = asObject(value)
    if (item?.['type'] === 'text') parts.push({ type: 'text', text: asString(item['text']) ?? '' })
    else if (item?.['type'] === 'thinking')
      parts.push({ type: 'reasoning', text: asString(item['thinking']) ?? '' })
    else if (item) {
      const kind = asString(item['type']) ?? 'unknown'
      parts.push({ type: 'opaque', kind, origin: 'cohere-chat', value: item })
    }
  }
  return parts
}

/** A citation names its place among the content; without one it belongs to the plan or to the last text. */
function addCitations(parts: Part[], values: readonly JsonValue[]): void {
  const isHost = (part: Part | undefined, isOfPlan: boolean): part is TextPart =>
    part?.type === 'text' && (part.isToolPlan === true) === isOfPlan
  const lastPlan = parts.findLastIndex((part) => isHost(part, true))
  const lastText = parts.findLastIndex((part) => isHost(part, false))
  const byPlace = new Map<number, Citation[]>()
  for (const value of values) {
    const citation = citationOf(value)
    if (!citation) continue
    const source = asObject(value) ?? {}
    const isOfPlan = source['type'] === 'PLAN'
    const named = source['content_index']
    const usual = isOfPlan ? lastPlan : lastText
    const place = typeof named === 'number' && isHost(parts[named], isOfPlan) ? named : usual
    const others = byPlace.get(place)
    if (others) others.push(citation)
    else byPlace.set(place, [citation])
  }
  for (const [place, citations] of byPlace) {
    const host = parts[place]
    if (host?.type === 'text') parts[place] = { ...host, citations }
    else parts.push({ type: 'text', text: '', citations })
  }
}
