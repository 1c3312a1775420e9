/** Refuses answers to tool calls that nobody made. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'

/** Throws `invalid_value` at the first stray result. */
export function refuseStrayToolResults(question: ChatQuestion): void {
  let calls: Set<string> | undefined
  for (const [position, message] of question.messages.entries()) {
    for (const part of message.parts) {
      if (part.type === 'tool_call') {
        calls ??= new Set()
        calls.add(part.id)
      } else if (part.type === 'tool_result' && calls?.has(part.callId) !== true) {
        throw new Problem('invalid_value', {
          detail: `The tool result "${part.callId}" answers no tool call of an earlier message.`,
          param: `messages[${position}]`,
          mend: 'Send the assistant message with the tool call before its result, with the same id.',
        })
      }
    }
  }
}
