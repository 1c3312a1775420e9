/** How much Claude should think: an effort on models that decide themselves, a budget of tokens on older ones. */
import type { ChatQuestion, ReasoningEffort, ReasoningWish } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import type { Turn } from '#services/llm-adapters/anthropic/conversation.ts'
import { budgetOfEffort, effortOf } from '#services/llm-adapters/wire/effort.ts'

export interface ThinkingFields {
  readonly thinking?: JsonObject | undefined
  /** For `output_config.effort`. */
  readonly effort?: string | undefined
  /** Sampling parameters are refused while the model thinks. */
  readonly isThinking: boolean
  /** The wish could not be met, in whole, by this model in this request. */
  readonly isWishDropped: boolean
}

export interface ThinkingSituation {
  readonly card: ModelCard
  readonly maxOutputTokens: number
  readonly isToolForced: boolean
  readonly turns: readonly Turn[]
}

/** The smallest budget that Anthropic takes. */
const budgetTokensMin = 1_024

const nothing: ThinkingFields = { isThinking: false, isWishDropped: false }
const dropped: ThinkingFields = { isThinking: false, isWishDropped: true }

/**
 * Reads the card's quirks: `adaptive_thinking` (takes an effort instead of a budget), `thinking_always_on` (cannot
 * be told not to think), `no_xhigh_effort` and `no_max_effort` (take `high` at most instead).
 */
export function thinkingFieldsOf(question: ChatQuestion, situation: ThinkingSituation): ThinkingFields {
  const wish = question.reasoning
  if (!wish) return nothing
  if (wish.effort === undefined && wish.budgetTokens === undefined && !wish.isShown) return nothing
  const isOff = wish.effort === 'none' || (wish.effort === undefined && wish.budgetTokens === 0)
  if (!situation.card.abilities.has('reasoning')) return isOff ? nothing : dropped
  return situation.card.quirks.has('adaptive_thinking')
    ? adaptiveFields(wish, isOff, situation.card)
    : budgetFields(wish, isOff, situation)
}

function adaptiveFields(wish: ReasoningWish, isOff: boolean, card: ModelCard): ThinkingFields {
  if (isOff) {
    return card.quirks.has('thinking_always_on')
      ? { effort: 'low', isThinking: true, isWishDropped: true }
      : { thinking: { type: 'disabled' }, isThinking: false, isWishDropped: false }
  }
  const display = wish.isShown === undefined ? {} : { display: wish.isShown ? 'summarized' : 'omitted' }
  return {
    thinking: { type: 'adaptive', ...display },
    effort: wireEffort(effortOf(wish), card),
    isThinking: true,
    isWishDropped: false,
  }
}

function wireEffort(effort: ReasoningEffort | undefined, card: ModelCard): string | undefined {
  switch (effort) {
    case 'minimal':
      return 'low'
    case 'xhigh':
      return card.quirks.has('no_xhigh_effort') ? 'high' : 'xhigh'
    case 'max':
      return card.quirks.has('no_max_effort') ? 'high' : 'max'
    case 'none':
    case 'low':
    case 'medium':
    case 'high':
    case undefined:
      return effort
  }
}

/**
 * A budget must stay below the output cap, which also pays for the answer; it excludes a forced tool, and a tool
 * loop whose assistant turn does not begin with the thinking that led to the calls.
 */
function budgetFields(wish: ReasoningWish, isOff: boolean, situation: ThinkingSituation): ThinkingFields {
  if (isOff) return nothing
  if (wish.effort === undefined && wish.budgetTokens === undefined) return nothing
  const { maxOutputTokens, isToolForced, turns } = situation
  const answerTokens = Math.min(budgetTokensMin, Math.ceil(maxOutputTokens / 4))
  const asked =
    wish.budgetTokens !== undefined && wish.budgetTokens > 0
      ? wish.budgetTokens
      : budgetOfEffort[wish.effort ?? 'medium']
  const budgetTokens = Math.min(Math.max(asked, budgetTokensMin), maxOutputTokens - answerTokens)
  if (budgetTokens < budgetTokensMin || isToolForced || lacksThinking(turns)) return dropped
  return {
    thinking: { type: 'enabled', budget_tokens: budgetTokens },
    isThinking: true,
    isWishDropped: false,
  }
}

/** Whether the conversation stands in a tool loop whose last assistant turn does not begin with thinking. */
function lacksThinking(turns: readonly Turn[]): boolean {
  const answered = turns.findLast((turn) => turn.role === 'assistant')
  const first = answered?.content[0]?.['type']
  const hasCalls = answered?.content.some((block) => block['type'] === 'tool_use') ?? false
  return hasCalls && first !== 'thinking' && first !== 'redacted_thinking'
}
