/** What a request says in Gemini's own words alone: what only a Gemini model can honour, and what others are asked without. */
import type { OpaquePart } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { commonMimeTypes } from '#http/gemini/generation-config.ts'
import {
  listMember,
  member,
  numberMember,
  objectMember,
  pathOf,
  snakeCase,
  textMember,
  wordMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

export interface OwnMembers {
  /** Without this member the answer would be another: only Gemini may be asked. */
  demand(path: string): void
  /** This member changes nothing in the answer elsewhere: it is left out there, and the caller is told. */
  spare(path: string): void
  readonly demanded: ReadonlySet<string>
  readonly spared: ReadonlySet<string>
}

export function createOwnMembers(): OwnMembers {
  const demanded = new Set<string>()
  const spared = new Set<string>()
  return {
    demand: (path) => void demanded.add(path),
    spare: (path) => void spared.add(path),
    demanded,
    spared,
  }
}

/** The demands as parts of the conversation that only Gemini knows: routing asks nobody else then. */
export function demandParts({ demanded }: OwnMembers): readonly OpaquePart[] {
  return [...demanded].map((path) => ({
    type: 'opaque',
    kind: path,
    origin: 'gemini-generate',
    value: null,
  }))
}

const namesIn = (...names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => [name, snakeCase(name)]))

/** Members that have words of their own, or are looked at below. Some clients repeat the model. */
const requestNames = namesIn(
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'safetySettings',
  'cachedContent',
  'continuationToken',
  'model',
)
const configNames = namesIn(
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'candidateCount',
  'stopSequences',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
)
/** They decide what the answer is or sounds like. */
const configDemands = namesIn('speechConfig', 'imageConfig', 'responseFormat', 'translationConfig')

/** Throws `invalid_value` for members that are wrong or go against each other. */
export function readOwnMembers(body: Wire, own: OwnMembers): void {
  for (const name in body.value) if (!requestNames.has(name) && isStated(body, name)) own.spare(name)
  if (textMember(body, 'cachedContent') !== undefined) readCachedContent(body, own)
  if (member(body, 'continuationToken') !== undefined) own.demand('continuationToken')
  readSafetySettings(body, own)
  const config = objectMember(body, 'generationConfig')
  if (config) readConfig(config, own)
  const toolConfig = objectMember(body, 'toolConfig')
  if (toolConfig) readToolConfig(toolConfig, own)
}

const isStated = ({ value }: Wire, name: string) => value[name] !== undefined && value[name] !== null

function readConfig(config: Wire, own: OwnMembers): void {
  for (const name in config.value) {
    if (configNames.has(name) || !isStated(config, name)) continue
    if (configDemands.has(name)) own.demand(pathOf(config, name))
    else own.spare(pathOf(config, name))
  }
  const mimeType = textMember(config, 'responseMimeType')
  if (mimeType !== undefined && !commonMimeTypes.has(mimeType)) {
    own.demand(pathOf(config, 'responseMimeType'))
  }
  const topK = numberMember(config, 'topK')
  if (topK !== undefined && !Number.isInteger(topK)) own.demand(pathOf(config, 'topK'))
}

function readToolConfig(toolConfig: Wire, own: OwnMembers): void {
  for (const name in toolConfig.value) {
    const isKnown = name === 'functionCallingConfig' || name === 'function_calling_config'
    if (!isKnown && isStated(toolConfig, name)) own.spare(pathOf(toolConfig, name))
  }
  const calling = objectMember(toolConfig, 'functionCallingConfig')
  if (calling && member(calling, 'streamFunctionCallArguments') !== undefined) {
    own.spare(pathOf(calling, 'streamFunctionCallArguments'))
  }
}

/** Source: Gemini API guide "Context caching": what the cache holds cannot be stated again beside it. */
function readCachedContent(body: Wire, own: OwnMembers): void {
  own.demand('cachedContent')
  for (const name of ['systemInstruction', 'tools', 'toolConfig']) {
    if (member(body, name) === undefined) continue
    throw new Problem('invalid_value', {
      param: name,
      detail: `${name} cannot be set when cachedContent is.`,
      mend: 'Put it into the cached content.',
    })
  }
}

const thresholds = [
  'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
  'BLOCK_LOW_AND_ABOVE',
  'BLOCK_MEDIUM_AND_ABOVE',
  'BLOCK_ONLY_HIGH',
  'BLOCK_NONE',
  'OFF',
] as const

/**
 * Thresholds loosen or restate what the filter does by itself, and other providers have no such filter to loosen.
 * The strictest one asks for less than any provider gives unasked, so only Gemini can honour it.
 */
function readSafetySettings(body: Wire, own: OwnMembers): void {
  const categories = new Set<string>()
  for (const setting of listMember(body, 'safetySettings') ?? []) {
    const category = textMember(setting, 'category')
    if (category === undefined) throw wrongValue(pathOf(setting, 'category'), 'a harm category')
    if (categories.has(category)) {
      throw new Problem('invalid_value', {
        param: setting.path,
        detail: `safetySettings has two settings for ${category.slice(0, 64)}.`,
        mend: 'Send one setting for each category.',
      })
    }
    categories.add(category)
    const threshold = wordMember(setting, 'threshold', thresholds)
    if (threshold === 'BLOCK_LOW_AND_ABOVE') own.demand('safetySettings')
    else own.spare('safetySettings')
  }
}
