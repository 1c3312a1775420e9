/** `generationConfig`: sampling, limits, form and thinking. */
import type { ChatQuestion, ReasoningEffort, ReasoningWish, ResponseFormat } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { jsonSchemaOf } from '#http/gemini/openapi-schema.ts'
import {
  flagMember,
  member,
  numberMember,
  objectMember,
  pathOf,
  textMember,
  textsMember,
  wordMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

export type QuestionDraft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Gemini API reference: at most five; at most eight answers; at most twenty alternatives of each token. */
const stopSequencesMax = 5
const candidatesMax = 8
const logprobsMax = 20
/** Unsigned and signed 32-bit numbers of the protocol. */
const int32Max = 2_147_483_647
const int32Min = -2_147_483_648

/** Throws `invalid_value` with the member's path, also for options that contradict each other. */
export function addGenerationConfig(question: QuestionDraft, config: Wire): void {
  addSampling(question, config)
  addLogprobs(question, config)
  const format = formatOf(config)
  if (format) question.responseFormat = format
  const modalities = textsMember(config, 'responseModalities')
  if (modalities && modalities.length > 0) question.outputModalities = modalities.map(modalityOf)
  const thinking = objectMember(config, 'thinkingConfig')
  const wish = thinking && reasoningOf(thinking)
  if (wish) question.reasoning = wish
}

const modalityOf = (word: string) => word.toLowerCase()

function addSampling(question: QuestionDraft, config: Wire): void {
  const cap = numberMember(config, 'maxOutputTokens', { min: 1, max: int32Max, isWhole: true })
  if (cap !== undefined) question.maxOutputTokens = cap
  const temperature = numberMember(config, 'temperature', { min: 0, max: 2 })
  if (temperature !== undefined) question.temperature = temperature
  const topP = numberMember(config, 'topP', { min: 0, max: 1 })
  if (topP !== undefined) question.topP = topP
  const topK = numberMember(config, 'topK', { min: 0 })
  if (topK !== undefined) question.topK = topK
  const seed = numberMember(config, 'seed', { min: int32Min, max: int32Max, isWhole: true })
  if (seed !== undefined) question.seed = seed
  const frequencyPenalty = numberMember(config, 'frequencyPenalty', { min: -2, max: 2 })
  if (frequencyPenalty !== undefined) question.frequencyPenalty = frequencyPenalty
  const presencePenalty = numberMember(config, 'presencePenalty', { min: -2, max: 2 })
  if (presencePenalty !== undefined) question.presencePenalty = presencePenalty
  const answerCount = numberMember(config, 'candidateCount', { min: 1, max: candidatesMax, isWhole: true })
  if (answerCount !== undefined) question.answerCount = answerCount
  const stops = textsMember(config, 'stopSequences')
  if (stops && stops.length > stopSequencesMax) {
    throw wrongValue(pathOf(config, 'stopSequences'), `a list of at most ${stopSequencesMax} strings`)
  }
  if (stops?.includes('')) throw wrongValue(pathOf(config, 'stopSequences'), 'a list of non-empty strings')
  if (stops && stops.length > 0) question.stopSequences = stops
}

function addLogprobs(question: QuestionDraft, config: Wire): void {
  const isWanted = flagMember(config, 'responseLogprobs') === true
  const top = numberMember(config, 'logprobs', { min: 0, max: logprobsMax, isWhole: true })
  if (top !== undefined && !isWanted) {
    throw contradiction(pathOf(config, 'logprobs'), `${pathOf(config, 'responseLogprobs')} is not true`)
  }
  if (isWanted) question.logprobs = { top }
}

const contradiction = (param: string, because: string) =>
  new Problem('invalid_value', {
    param,
    detail: `${param} cannot be set when ${because}.`,
    mend: 'Send options that go together.',
  })

/** The media types that other APIs can be asked for: everything else is Gemini's alone. */
export const commonMimeTypes: ReadonlySet<string> = new Set(['', 'text/plain', 'application/json'])

function formatOf(config: Wire): ResponseFormat | undefined {
  const mimeType = textMember(config, 'responseMimeType') ?? ''
  const schema = objectMember(config, 'responseSchema')
  const anySchema = member(config, 'responseJsonSchema')
  if (schema && anySchema !== undefined) {
    throw contradiction(pathOf(config, 'responseJsonSchema'), `${pathOf(config, 'responseSchema')} is set`)
  }
  if ((schema ?? anySchema) !== undefined && (mimeType === '' || mimeType === 'text/plain')) {
    const param = pathOf(config, schema ? 'responseSchema' : 'responseJsonSchema')
    throw contradiction(param, `${pathOf(config, 'responseMimeType')} is not application/json`)
  }
  if (mimeType !== 'application/json') return undefined
  if (schema) return { type: 'json_schema', name: 'response', schema: jsonSchemaOf(schema) }
  if (anySchema === undefined) return { type: 'json' }
  const jsonSchema = asObject(anySchema)
  if (!jsonSchema) throw wrongValue(pathOf(config, 'responseJsonSchema'), 'a JSON Schema')
  return { type: 'json_schema', name: 'response', schema: jsonSchema }
}

const levels = ['THINKING_LEVEL_UNSPECIFIED', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] as const
const effortOfLevel: Readonly<Record<(typeof levels)[number], ReasoningEffort | undefined>> = {
  THINKING_LEVEL_UNSPECIFIED: undefined,
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
}

function reasoningOf(thinking: Wire): ReasoningWish | undefined {
  const budgetTokens = numberMember(thinking, 'thinkingBudget', { min: -1, max: int32Max, isWhole: true })
  const level = levelOf(thinking)
  const isShown = flagMember(thinking, 'includeThoughts')
  if (budgetTokens !== undefined && level !== undefined) {
    throw contradiction(pathOf(thinking, 'thinkingLevel'), `${pathOf(thinking, 'thinkingBudget')} is set`)
  }
  const effort = level && effortOfLevel[level]
  if (budgetTokens === undefined && effort === undefined && isShown === undefined) return undefined
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(isShown === undefined ? {} : { isShown }),
  }
}

/** The API takes levels in lower case too. */
function levelOf(thinking: Wire): (typeof levels)[number] | undefined {
  const stated = member(thinking, 'thinkingLevel')
  if (typeof stated !== 'string') return wordMember(thinking, 'thinkingLevel', levels)
  const word = levels.find((level) => level === stated.toUpperCase())
  return word ?? wordMember(thinking, 'thinkingLevel', levels)
}
