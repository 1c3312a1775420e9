/** Which of a provider's dialects a question is asked in: some speak OpenAI's Responses beside chat completions. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Target } from '#core/domain/target.ts'

const inResponses = new WeakMap<Target, Target>()

/**
 * The target as this question asks it. OpenAI's reasoning models refuse tools on chat completions unless they may
 * not think, some models answer on Responses alone, and a caller of Responses is passed through untranslated.
 * The same target always yields the same object.
 */
export function spokenTarget(target: Target, question: ChatQuestion): Target {
  const { provider, card } = target
  if (provider.dialect !== 'openai-chat' || !provider.quirks.has('speaks_responses')) return target
  const hasTools = (question.tools?.length ?? 0) > 0
  const isRefusedInChat =
    card.quirks.has('responses_only') ||
    (card.quirks.has('responses_for_tools') && hasTools && question.reasoning?.effort !== 'none')
  if (!isRefusedInChat && question.native?.dialect !== 'openai-responses') return target
  let spoken = inResponses.get(target)
  if (!spoken) {
    spoken = { ...target, provider: { ...provider, dialect: 'openai-responses' } }
    inResponses.set(target, spoken)
  }
  return spoken
}
