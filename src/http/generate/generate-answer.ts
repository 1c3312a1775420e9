/** An answer of POST /v1/generate, whole. */
import type { ChatAnswer, Finish } from '#core/domain/answer.ts'
import { visibleText } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { usdNumber } from '#core/domain/money.ts'
import { totalTokens } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { GenerateAnswer } from '#http/generate/generate-schema.ts'

export function writeGenerated(answer: ChatAnswer, receipt: Receipt): Uint8Array {
  return Buffer.from(JSON.stringify(generatedOf(answer, receipt)))
}

/** The first choice is the answer: this form asks for one. */
function generatedOf(answer: ChatAnswer, receipt: Receipt): GenerateAnswer {
  const choice = answer.choices[0]
  const parts = choice?.parts ?? []
  return {
    id: receipt.requestId,
    response: visibleText(parts),
    finish_reason: finishOf(
      choice?.finish,
      parts.some(({ type }) => type === 'tool_call'),
    ),
    ...settledPart(receipt),
    ...extraParts(parts),
  }
}

/** Everything that the receipt says; the same in a whole answer and at the end of a stream. */
export function settledPart(receipt: Receipt) {
  return {
    model: receipt.model,
    provider: receipt.provider,
    usage: generateUsageOf(receipt.usage),
    cost: usdNumber(receipt.costNanoUsd),
    cost_nano_usd: receipt.costNanoUsd,
    cost_estimated: receipt.isEstimated,
    cached: receipt.cache === 'hit',
    routing: {
      route: receipt.route,
      reason: receipt.routeReason,
      attempts: receipt.attempts,
      rescues: receipt.rescues,
    },
    latency_ms: Math.round(receipt.latencyMs * 100) / 100,
    simulated: receipt.isSimulated,
    ...(receipt.dropped.length > 0 ? { dropped: [...receipt.dropped] } : {}),
  }
}

export function generateUsageOf(usage: Usage): GenerateAnswer['usage'] {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: totalTokens(usage),
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
  }
}

export function finishOf(finish: Finish | undefined, hasCalls: boolean): GenerateAnswer['finish_reason'] {
  const reason = finish?.unified ?? 'other'
  return hasCalls && (reason === 'stop' || reason === 'other') ? 'tool_calls' : reason
}

function extraParts(parts: readonly Part[]): Partial<GenerateAnswer> {
  const extra: Partial<GenerateAnswer> = {}
  let reasoning = ''
  let refusal = ''
  for (const part of parts) {
    if (part.type === 'reasoning' || (part.type === 'text' && part.isToolPlan)) reasoning += part.text
    if (part.type === 'refusal') refusal += part.text
    if (part.type === 'tool_call') {
      const call = { id: part.id, type: part.kind, name: part.name, arguments: part.argumentsText }
      ;(extra.tool_calls ??= []).push(call)
    }
    if (part.type === 'image' && part.source.kind === 'inline') {
      ;(extra.images ??= []).push(`data:${part.mediaType ?? 'image/png'};base64,${part.source.base64}`)
    }
    for (const { url, title } of (part.type === 'text' && part.citations) || []) {
      ;(extra.citations ??= []).push({ ...(url ? { url } : {}), ...(title ? { title } : {}) })
    }
  }
  if (reasoning !== '') extra.reasoning = reasoning
  if (refusal !== '') extra.refusal = refusal
  return extra
}
