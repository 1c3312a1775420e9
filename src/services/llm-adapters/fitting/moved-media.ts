/** Media where a target takes none: they follow in the next words of the user, with a word on where they came from. */
import type { ChatMessage, ChatQuestion, MediaPart, Part } from '#core/domain/chat.ts'
import type { FittingRule } from '#services/llm-adapters/fitting/fitting-rule.ts'

/** The same question when no media stand in a wrong place. */
export function withMovedMedia(question: ChatQuestion, rule: FittingRule): ChatQuestion {
  if (!question.messages.some((message) => hasMisplaced(message, rule))) return question
  const messages: ChatMessage[] = []
  let waiting: Part[] = []
  const release = () => {
    if (waiting.length > 0) messages.push({ role: 'user', parts: waiting })
    waiting = []
  }
  for (const message of question.messages) {
    // Results of one round stay together, directly behind their calls.
    if (message.role !== 'tool' && !isResults(message)) release()
    const { kept, moved } = divided(message, rule)
    messages.push(kept)
    waiting.push(...moved)
  }
  release()
  return { ...question, messages }
}

interface Divided {
  readonly kept: ChatMessage
  readonly moved: readonly Part[]
}

function divided(message: ChatMessage, rule: FittingRule): Divided {
  const moved: Part[] = []
  const parts: Part[] = []
  for (const part of message.parts) {
    if (message.role === 'assistant' && !rule.takesMediaInAnswers && isMovable(part)) {
      if (moved.length === 0) moved.push(note('From the assistant:'))
      moved.push(part)
    } else if (part.type === 'tool_result' && !rule.takesMediaInResults) {
      const media = part.parts.filter(isMovable)
      if (media.length > 0) moved.push(note(`From the result of tool call ${part.callId}:`), ...media)
      parts.push(
        media.length > 0 ? { ...part, parts: part.parts.filter((inner) => !isMovable(inner)) } : part,
      )
    } else parts.push(part)
  }
  return { kept: moved.length === 0 ? message : { ...message, parts }, moved }
}

const note = (text: string): Part => ({ type: 'text', text })

function hasMisplaced(message: ChatMessage, rule: FittingRule): boolean {
  return divided(message, rule).moved.length > 0
}

/** Audio that OpenAI keeps stays in its answer, where it goes by its id. */
function isMovable(part: Part): part is MediaPart {
  if (part.type === 'audio') return part.id === undefined && part.source.kind !== 'file'
  const isMedia = part.type === 'image' || part.type === 'document' || part.type === 'video'
  return isMedia && part.source.kind !== 'text'
}

const isResults = ({ role, parts }: ChatMessage) =>
  role === 'user' && parts.length > 0 && parts.every((part) => part.type === 'tool_result')
