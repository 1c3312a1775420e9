/** Sampling, limits, form and thinking: Gemini's `generationConfig`. */
import type { ChatQuestion, ReasoningEffort, ReasoningWish } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms } from '#services/llm-adapters/adapter.ts'
import { budgetOfEffort, effortOf } from '#services/llm-adapters/wire/effort.ts'

/** Gemini API reference: at most five. */
const stopSequencesMax = 5

/** The most that every model takes that thinks by a budget. */
const budgetTokensAtMost = 24_576

/** The lowest level that every such model takes is LOW; none can be told not to think. */
const levelOfEffort: Readonly<Record<ReasoningEffort, string>> = {
  none: 'LOW',
  minimal: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}

/** The least that models which always think accept. */
const budgetTokensAtLeast = 128

export interface GenerationConfigNeed {
  readonly question: ChatQuestion
  readonly target: Target
  readonly terms: CallTerms
}

/** Throws `unsupported_feature` for more stop sequences than Gemini takes. */
export function generationConfigOf({ question, target, terms }: GenerationConfigNeed): JsonObject {
  const stops = question.stopSequences
  if (stops && stops.length > stopSequencesMax) {
    throw new Problem('unsupported_feature', {
      detail: `Gemini takes at most ${stopSequencesMax} stop sequences; the request has ${stops.length}.`,
      param: 'stop',
    })
  }
  const thinkingConfig = question.reasoning && thinkingConfigOf(question.reasoning, target, terms)
  return {
    maxOutputTokens: terms.maxOutputTokens,
    ...(question.temperature === undefined ? {} : { temperature: question.temperature }),
    ...(question.topP === undefined ? {} : { topP: question.topP }),
    ...(question.topK === undefined ? {} : { topK: question.topK }),
    ...(question.seed === undefined ? {} : { seed: question.seed }),
    ...(question.frequencyPenalty === undefined ? {} : { frequencyPenalty: question.frequencyPenalty }),
    ...(question.presencePenalty === undefined ? {} : { presencePenalty: question.presencePenalty }),
    ...((question.answerCount ?? 1) > 1 ? { candidateCount: question.answerCount } : {}),
    ...(stops && stops.length > 0 ? { stopSequences: stops } : {}),
    ...formOf(question),
    ...(thinkingConfig ? { thinkingConfig } : {}),
    ...logprobsOf(question),
  }
}

function formOf({ responseFormat, outputModalities }: ChatQuestion): JsonObject {
  const form = responseFormat?.type
  return {
    ...(form === 'json' || form === 'json_schema' ? { responseMimeType: 'application/json' } : {}),
    ...(responseFormat?.type === 'json_schema' ? { responseJsonSchema: responseFormat.schema } : {}),
    ...(outputModalities && outputModalities.length > 0
      ? { responseModalities: outputModalities.map((modality) => modality.toUpperCase()) }
      : {}),
  }
}

function logprobsOf({ logprobs }: ChatQuestion): JsonObject {
  if (!logprobs) return {}
  return { responseLogprobs: true, ...(logprobs.top ? { logprobs: logprobs.top } : {}) }
}

/**
 * Gemini 3 takes a level (the card says `thinking_level`), Gemini 2.5 a budget. Undefined when the model does not
 * think or nothing was asked of it.
 */
function thinkingConfigOf(wish: ReasoningWish, target: Target, terms: CallTerms): JsonObject | undefined {
  if (!target.card.abilities.has('reasoning')) return undefined
  const config: JsonObject = {
    ...(target.card.quirks.has('thinking_level') ? levelOf(wish, target) : budgetOf(wish, target, terms)),
    ...(wish.isShown === undefined ? {} : { includeThoughts: wish.isShown }),
  }
  return Object.keys(config).length > 0 ? config : undefined
}

function levelOf(wish: ReasoningWish, target: Target): JsonObject {
  const effort = effortOf(wish)
  if (effort === undefined) return {}
  const isLeast = effort === 'none' || effort === 'minimal'
  if (isLeast && target.card.quirks.has('minimal_thinking_level')) return { thinkingLevel: 'MINIMAL' }
  return { thinkingLevel: levelOfEffort[effort] }
}

function budgetOf({ effort, budgetTokens }: ReasoningWish, target: Target, terms: CallTerms): JsonObject {
  const wished = budgetTokens ?? (effort && Math.min(budgetOfEffort[effort], budgetTokensAtMost))
  if (wished === undefined) return {}
  if (wished < 0) return { thinkingBudget: -1 }
  // Thoughts count towards the output cap: a quarter of it is left for the answer.
  const thinkingBudget = Math.min(wished, Math.floor(terms.maxOutputTokens * 0.75))
  const isAlwaysThinking = target.card.quirks.has('thinking_always')
  return { thinkingBudget: isAlwaysThinking ? Math.max(thinkingBudget, budgetTokensAtLeast) : thinkingBudget }
}
