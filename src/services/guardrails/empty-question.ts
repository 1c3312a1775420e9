/** Refuses a question in which there is nothing to answer. */
import type { ChatQuestion, Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'

/** Throws `empty_prompt` when no message of a user, assistant or tool says anything. */
export function refuseEmptyQuestion(question: ChatQuestion): void {
  const saysSomething = question.messages.some(
    ({ role, parts }) => role !== 'system' && role !== 'developer' && parts.some(hasContent),
  )
  if (!saysSomething) throw new Problem('empty_prompt')
}

function hasContent(part: Part): boolean {
  return part.type === 'text' || part.type === 'refusal' ? part.text.trim() !== '' : true
}
