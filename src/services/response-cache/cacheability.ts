/** Whether an answer may be given again: whose question asks for a fresh one, and which answers are worth keeping. */
import type { ChatEvent, FinishReason } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { CacheRequest, KnownAnswer } from '#services/response-cache/known-answer.ts'

/** A caller who wishes a kept answer gets one wherever the answers to equal questions are equal things at all. */
export function isCacheable({ wish, question }: CacheRequest): boolean {
  if (wish === 'off' || hasManyForms(question)) return false
  return wish === 'on' || isRepeatable(question)
}

/** Several answers, probabilities or sound: asked for their variety or too large to keep. */
function hasManyForms({ answerCount = 1, logprobs, outputModalities = [] }: ChatQuestion): boolean {
  return answerCount > 1 || logprobs !== undefined || outputModalities.some((kind) => kind !== 'text')
}

/** Whether nothing in the question says that its answer is new each time: chance, the world outside, an action. */
function isRepeatable(question: ChatQuestion): boolean {
  if ((question.temperature ?? 0) > 0) return false
  const choice = question.toolChoice
  if (choice?.mode === 'required' || choice?.mode === 'named') return false
  if (choice?.mode === 'allowed' && choice.isRequired) return false
  if (question.tools?.some(({ kind }) => kind === 'server')) return false
  return !question.messages.some(({ parts }) => parts.some(({ type }) => type === 'server_tool'))
}

/** Only an answer that ended by itself, in words: a cut one misleads, and a tool call is an order to act. */
export function isWorthKeeping({ answer, events }: KnownAnswer): boolean {
  if (answer) {
    return (
      answer.choices.length > 0 &&
      answer.choices.every(
        ({ finish, parts }) => finish.unified === 'stop' && !parts.some(({ type }) => type === 'tool_call'),
      )
    )
  }
  return events !== undefined && hasCleanEnd(events)
}

function hasCleanEnd(events: readonly ChatEvent[]): boolean {
  let finish: FinishReason | undefined
  for (const event of events) {
    if (event.type === 'tool-call-start') return false
    if (event.type === 'finish') {
      if (event.finish.unified !== 'stop') return false
      finish = event.finish.unified
    }
  }
  return finish === 'stop'
}
