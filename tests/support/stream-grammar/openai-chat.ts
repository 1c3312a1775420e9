/** The grammar of chat.completion.chunk streams (OpenAI API reference, "Streaming", chat completions). */
import { asArray, asCount, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createFaults, objectAt, show, writtenFrames } from './frames.ts'
import type { CheckGrammar, Faults } from './frames.ts'

const finishWords = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'error']

interface ChoiceState {
  isFinished: boolean
  readonly calls: Set<number>
}

export const checkOpenAiChat: CheckGrammar = (stream, ending) => {
  const faults = createFaults()
  const frames = writtenFrames(stream, faults)
  const choices = new Map<number, ChoiceState>()
  let id: unknown
  let hasUsage = false
  for (const [place, { event, data, text }] of frames.entries()) {
    const isLast = place === frames.length - 1
    faults.require(event === undefined, `a frame is named ${event}`)
    if (text === '[DONE]') {
      faults.require(isLast && ending === 'whole', '[DONE] before the end, or after a break')
      continue
    }
    if (!data) {
      faults.require(false, `data that is no object: ${text.slice(0, 100)}`)
      continue
    }
    if (data['error'] !== undefined) {
      faults.require(isLast && ending === 'broken', 'an error before the end')
      faults.require(asString(objectAt(data, 'error')?.['message']) !== undefined, 'an error without message')
      continue
    }
    faults.require(data['object'] === 'chat.completion.chunk', `object ${show(data['object'])}`)
    faults.require(
      typeof data['created'] === 'number' && typeof data['model'] === 'string',
      'no time or model',
    )
    id ??= data['id']
    faults.require(typeof id === 'string' && data['id'] === id, `the id changes to ${show(data['id'])}`)
    faults.require(!hasUsage, 'a chunk after the usage')
    for (const choice of asArray(data['choices'])) checkChoice(asObject(choice) ?? {}, choices, faults)
    if (asObject(data['usage'])) {
      hasUsage = true
      faults.require(asArray(data['choices']).length === 0, 'usage in a chunk with choices')
    }
  }
  if (ending === 'broken')
    faults.require(frames.at(-1)?.data?.['error'] !== undefined, 'a break without an error')
  if (ending === 'whole') {
    faults.require(frames.at(-1)?.text === '[DONE]', 'no [DONE] at the end')
    faults.require(choices.size > 0, 'no choice')
    for (const [index, choice] of choices) faults.require(choice.isFinished, `choice ${index} never finishes`)
  }
  return faults.found
}

function checkChoice(choice: JsonObject, choices: Map<number, ChoiceState>, faults: Faults): void {
  const index = asCount(choice['index'])
  faults.require(index !== null, `a choice is numbered ${JSON.stringify(choice['index'])}`)
  const delta = asObject(choice['delta'])
  faults.require(delta !== undefined, 'a choice without delta')
  let state = choices.get(index ?? 0)
  if (!state) {
    faults.require(delta?.['role'] === 'assistant', `choice ${index} begins without a role`)
    state = { isFinished: false, calls: new Set() }
    choices.set(index ?? 0, state)
  }
  faults.require(!state.isFinished, `choice ${index} goes on after its finish`)
  for (const call of asArray(delta?.['tool_calls'])) checkCall(asObject(call) ?? {}, state, faults)
  for (const name of ['content', 'refusal', 'reasoning_content']) {
    const value = delta?.[name]
    faults.require(value === undefined || value === null || typeof value === 'string', `${name} is no text`)
  }
  const finish = choice['finish_reason'] ?? null
  if (finish === null) return
  faults.require(
    typeof finish === 'string' && finishWords.includes(finish),
    `finish ${JSON.stringify(finish)}`,
  )
  state.isFinished = true
  if (state.calls.size > 0) faults.require(finish !== 'stop', 'stop beside tool calls')
}

function checkCall(call: JsonObject, { calls }: ChoiceState, faults: Faults): void {
  const index = asCount(call['index'])
  faults.require(index !== null, 'a call without index')
  const body = asObject(call['function']) ?? asObject(call['custom'])
  if (calls.has(index ?? 0)) {
    faults.require(call['id'] === undefined && body?.['name'] === undefined, `call ${index} begins twice`)
    return
  }
  calls.add(index ?? 0)
  faults.require(typeof call['id'] === 'string' && call['id'] !== '', `call ${index} has no id`)
  faults.require(typeof body?.['name'] === 'string', `call ${index} has no name`)
  faults.require(call['type'] === 'function' || call['type'] === 'custom', `call ${index} has no type`)
}
