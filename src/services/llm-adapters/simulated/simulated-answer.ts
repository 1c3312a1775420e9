/** What the simulated provider says: the same for the same request, about the prompt, and never passing for a model's own words. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { instanceOf } from '#services/llm-adapters/simulated/schema-instance.ts'
import type { SimulatedTool, SimulatedWish } from '#services/llm-adapters/simulated/simulated-wish.ts'

/** One answer in pieces of one token each. */
export interface SimulatedAnswer {
  readonly pieces: readonly string[]
  /** Set when the pieces are a tool's arguments instead of text. */
  readonly tool: SimulatedTool | undefined
  readonly finish: 'stop' | 'length' | 'tool_calls'
}

const charactersPerToken = 4
const quotedCharacters = 80
const topicWords = 3
/** Longer prompts get longer answers, up to this many sentences more. */
const fillersMax = 6

const fillers: readonly string[] = [
  'It is made of fixed sentences, so that the same request always gets the same answer.',
  'Its length grows with the prompt, and it comes as slowly as the settings say.',
  'Token counts, cost and limits are worked out as they would be for a real answer.',
  'Nothing of the request has left this machine.',
  'Set the key of a provider to ask a real model instead.',
  'Everything around the answer, from routing to the records of usage, is real.',
]

/** As many answers as were asked for. */
export function answerWish(wish: SimulatedWish): readonly SimulatedAnswer[] {
  return Array.from({ length: wish.answers }, (_, position) => answerOne(wish, position))
}

function answerOne(wish: SimulatedWish, position: number): SimulatedAnswer {
  const { tool, outputTokensMax } = wish
  const said = tool ? toolArguments(tool) : textOf(wish, position)
  const { text, isStopped } = tool ? { text: said, isStopped: false } : stopAt(said, wish.stopSequences)
  const pieces = inTokens(text)
  if (pieces.length > outputTokensMax)
    return { pieces: pieces.slice(0, outputTokensMax), tool, finish: 'length' }
  return { pieces, tool, finish: tool && !isStopped ? 'tool_calls' : 'stop' }
}

function toolArguments({ kind, parameters }: SimulatedTool): string {
  if (kind === 'custom') return 'simulated input'
  // Parameters that state nothing are an object without members.
  const value = Object.keys(parameters).length === 0 ? {} : instanceOf(parameters)
  return JSON.stringify(value)
}

function textOf(wish: SimulatedWish, position: number): string {
  if (wish.json === true) return JSON.stringify(plainObject(wish))
  if (wish.json) return JSON.stringify(instanceOf(wish.json))
  return proseOf(wish, position)
}

const plainObject = ({ model, prompt }: SimulatedWish): JsonObject => ({
  simulated: true,
  model,
  answer: `A simulated answer about ${topicOf(prompt)}.`,
})

function proseOf({ model, prompt, images, answers }: SimulatedWish, position: number): string {
  const words = wordsOf(prompt)
  const number = answers > 1 ? ` (${position + 1} of ${answers})` : ''
  const pictures = images === 0 ? '' : images === 1 ? ' and an image' : ` and ${images} images`
  const sentences = [`This is a simulated answer from ${model}${number}: no model was asked.`]
  if (words.length > 0) {
    const count = words.length === 1 ? '1 word' : `${words.length} words`
    sentences.push(`The message has ${count}${pictures} and begins with "${beginningOf(prompt)}".`)
    sentences.push(`A real model would write about ${topicOf(prompt)} here.`)
  }
  const fillerCount = Math.min(fillersMax, 1 + Math.floor(words.length / 12))
  for (let filler = 0; filler < fillerCount; filler++) {
    sentences.push(fillers[(filler + words.length + position) % fillers.length] ?? '')
  }
  return sentences.join(' ')
}

/** Words of the prompt's first part; enough to speak of it, however long it is. */
function wordsOf(prompt: string): readonly string[] {
  return prompt.slice(0, 20_000).match(/[\p{L}\p{N}'’-]+/gu) ?? []
}

function beginningOf(prompt: string): string {
  const flat = prompt.slice(0, 400).replace(/\s+/g, ' ').trim()
  if (flat.length <= quotedCharacters) return flat
  // Cut between code points: half of a pair is no character.
  return `${Array.from(flat).slice(0, quotedCharacters).join('')} ...`
}

/** The longest few words stand for the topic. */
function topicOf(prompt: string): string {
  const distinct = [...new Set(wordsOf(prompt).map((word) => word.toLowerCase()))]
  const longest = distinct.filter((word) => word.length > 3 && word.length < 40)
  const chosen = longest.toSorted((a, b) => b.length - a.length).slice(0, topicWords)
  if (chosen.length === 0) return 'this'
  const last = chosen.at(-1) ?? ''
  return chosen.length === 1 ? last : `${chosen.slice(0, -1).join(', ')} and ${last}`
}

/** Cuts before the stop sequence that comes first. */
function stopAt(
  text: string,
  stops: readonly string[],
): { readonly text: string; readonly isStopped: boolean } {
  let end = text.length
  for (const stop of stops) {
    const found = text.indexOf(stop)
    if (found !== -1 && found < end) end = found
  }
  return { text: text.slice(0, end), isStopped: end < text.length }
}

/** A token is taken to be four characters; no character is cut in two. */
function inTokens(text: string): readonly string[] {
  const pieces: string[] = []
  for (let from = 0; from < text.length;) {
    let to = from + charactersPerToken
    const code = text.charCodeAt(to - 1)
    if (code >= 0xd800 && code <= 0xdbff) to++
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}

/** Tokens of all answers together. */
export function tokensOf(answers: readonly SimulatedAnswer[]): number {
  return answers.reduce((sum, { pieces }) => sum + pieces.length, 0)
}

/** The value that a chat completion's `usage` has. */
export function usageOf({ inputTokens }: SimulatedWish, outputTokens: number): JsonValue {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
