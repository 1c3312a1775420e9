/** Going on with an answer that broke off: which questions allow it, how a target is asked to, and with what. */
import type { ChatMessage, ChatQuestion } from '#core/domain/chat.ts'
import { anchorOf } from '#core/domain/seam.ts'
import type { Target } from '#core/domain/target.ts'

/**
 * `by-itself`: the model goes on with an assistant's message that stands last. `asked`: the message is followed by the
 * request to repeat its last words and go on from there, so that a model that does not do so is found out.
 */
export type ContinuationWay = 'by-itself' | 'asked'

/**
 * Reads the card's quirk `continues_answers`. Such models go on by themselves only while they do not think
 * (Anthropic guide "Extended thinking"); Claude from 4.6 on and Gemini refuse a conversation that ends with an answer
 * (Anthropic guide "What's new in Claude 4.6"), and OpenAI's models begin a new one.
 */
export function continuationWay({ card }: Target, { reasoning }: ChatQuestion): ContinuationWay {
  const thinks = reasoning !== undefined && reasoning.effort !== 'none'
  return card.quirks.has('continues_answers') && !thinks ? 'by-itself' : 'asked'
}

/** Whether plain text is all that the question asks for: anything else makes no sense in two halves. */
export function isContinuable(question: ChatQuestion): boolean {
  const { responseFormat, answerCount, logprobs, outputModalities, toolChoice, tools, messages } = question
  if ((answerCount ?? 1) > 1 || logprobs || (responseFormat && responseFormat.type !== 'text')) return false
  if (outputModalities?.some((modality) => modality !== 'text')) return false
  if (toolChoice?.mode === 'required' || toolChoice?.mode === 'named') return false
  if (toolChoice?.mode === 'allowed' && toolChoice.isRequired) return false
  // What a provider's own tools found cannot be given to another model, and their sources are counted from the start.
  if (tools?.some(({ kind }) => kind === 'server')) return false
  return messages.at(-1)?.role !== 'assistant'
}

export interface Continuation {
  readonly question: ChatQuestion
  /** What the model was asked to begin with; undefined when it goes on by itself. */
  readonly anchor: string | undefined
}

/** The same question with what was shown so far, for a target that goes on with it. `shown` has words in it. */
export function continuationOf(question: ChatQuestion, shown: string, way: ContinuationWay): Continuation {
  // Some APIs refuse white space at the end; what was shown is completed by the seam.
  const answer: ChatMessage = { role: 'assistant', parts: [{ type: 'text', text: shown.trimEnd() }] }
  const anchor = way === 'asked' ? anchorOf(shown) : undefined
  const messages = [...question.messages, answer]
  if (anchor !== undefined)
    messages.push({ role: 'user', parts: [{ type: 'text', text: requestFor(anchor) }] })
  return { question: { ...question, messages, native: undefined }, anchor }
}

function requestFor(anchor: string): string {
  return (
    'Your answer above was cut off by a broken connection. Give the rest of it. Begin by repeating its last words ' +
    'exactly as they stand between the lines below, without anything before them, and go on from there as if ' +
    'nothing had happened, in the same language and form. Do not mention the interruption.\n' +
    `-----\n${anchor}\n-----`
  )
}
