/** A simulated reply as a script: which bytes, and after how many tokens each of them is due. Chat-completion grammar. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { answerWish, tokensOf, usageOf } from '#services/llm-adapters/simulated/simulated-answer.ts'
import type { SimulatedAnswer } from '#services/llm-adapters/simulated/simulated-answer.ts'
import type { SimulatedWish } from '#services/llm-adapters/simulated/simulated-wish.ts'

export interface SimulatedScript {
  readonly status: number
  readonly contentType: string
  readonly steps: readonly ScriptStep[]
}

export interface ScriptStep {
  readonly text: string
  /** Tokens that must have been written before this is sent. */
  readonly afterTokens: number
}

/** What a reply is marked with: who made it, when. */
export interface ReplyMarks {
  readonly id: string
  readonly createdAtS: number
}

const fingerprint = 'simulated'

export function scriptOf(wish: SimulatedWish, marks: ReplyMarks): SimulatedScript {
  const answers = answerWish(wish)
  return wish.isStreamed ? streamScript(wish, answers, marks) : wholeScript(wish, answers, marks)
}

/** The reply to a body that is no chat-completion request. */
export function refusalScript(): SimulatedScript {
  const message = 'The simulated provider reads chat-completion requests only.'
  const error = { message, type: 'invalid_request_error', param: null, code: null }
  return {
    status: 400,
    contentType: 'application/json',
    steps: [{ text: JSON.stringify({ error }), afterTokens: 0 }],
  }
}

function wholeScript(
  wish: SimulatedWish,
  answers: readonly SimulatedAnswer[],
  marks: ReplyMarks,
): SimulatedScript {
  const tokens = tokensOf(answers)
  const choices = answers.map((answer, index) => ({
    index,
    message: messageOf(answer, marks, index),
    logprobs: null,
    finish_reason: answer.finish,
  }))
  const body = { ...headOf(wish, marks, 'chat.completion'), choices, usage: usageOf(wish, tokens) }
  const longest = Math.max(...answers.map(({ pieces }) => pieces.length))
  return {
    status: 200,
    contentType: 'application/json',
    steps: [{ text: JSON.stringify(body), afterTokens: longest }],
  }
}

function messageOf({ pieces, tool }: SimulatedAnswer, marks: ReplyMarks, index: number): JsonObject {
  const text = pieces.join('')
  if (!tool) return { role: 'assistant', content: text, refusal: null }
  const id = callId(marks, index)
  const call: JsonObject =
    tool.kind === 'custom'
      ? { id, type: 'custom', custom: { name: tool.name, input: text } }
      : { id, type: 'function', function: { name: tool.name, arguments: text } }
  return { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
}

function streamScript(
  wish: SimulatedWish,
  answers: readonly SimulatedAnswer[],
  marks: ReplyMarks,
): SimulatedScript {
  const head = headOf(wish, marks, 'chat.completion.chunk')
  const frame = (members: JsonObject) => `data: ${JSON.stringify({ ...head, ...members })}\n\n`
  const choice = (index: number, delta: JsonValue, finish: string | null = null) =>
    frame({ choices: [{ index, delta, logprobs: null, finish_reason: finish }] })

  const steps: ScriptStep[] = answers.flatMap((answer, index) => [
    { text: choice(index, openingOf(answer, marks, index)), afterTokens: 0 },
    ...answer.pieces.map((piece, position) => ({
      text: choice(index, deltaOf(answer, piece)),
      afterTokens: position,
    })),
    { text: choice(index, {}, answer.finish), afterTokens: answer.pieces.length },
  ])
  // Several answers are written side by side.
  steps.sort((a, b) => a.afterTokens - b.afterTokens)
  const last = steps.at(-1)?.afterTokens ?? 0
  if (wish.isUsageWanted) {
    const usage = usageOf(wish, tokensOf(answers))
    steps.push({ text: frame({ choices: [], usage }), afterTokens: last })
  }
  steps.push({ text: 'data: [DONE]\n\n', afterTokens: last })
  return { status: 200, contentType: 'text/event-stream', steps }
}

function openingOf({ tool }: SimulatedAnswer, marks: ReplyMarks, index: number): JsonObject {
  if (!tool) return { role: 'assistant', content: '', refusal: null }
  const id = callId(marks, index)
  const call: JsonObject =
    tool.kind === 'custom'
      ? { index: 0, id, type: 'custom', custom: { name: tool.name, input: '' } }
      : { index: 0, id, type: 'function', function: { name: tool.name, arguments: '' } }
  return { role: 'assistant', content: null, tool_calls: [call] }
}

function deltaOf({ tool }: SimulatedAnswer, piece: string): JsonObject {
  if (!tool) return { content: piece }
  const call = tool.kind === 'custom' ? { custom: { input: piece } } : { function: { arguments: piece } }
  return { tool_calls: [{ index: 0, ...call }] }
}

function headOf({ model }: SimulatedWish, { id, createdAtS }: ReplyMarks, object: string): JsonObject {
  return { id: `chatcmpl-${id}`, object, created: createdAtS, model, system_fingerprint: fingerprint }
}

const callId = ({ id }: ReplyMarks, index: number) => `call_${id.replaceAll('-', '').slice(-16)}${index}`
