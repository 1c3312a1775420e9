/** A request of POST /v1/generate as a question. */
import { hash } from 'node:crypto'
import type { Caller } from '#core/domain/caller.ts'
import type { ChatMessage, ChatQuestion, MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import type { GenerateRequest } from '#http/generate/generate-schema.ts'
import { generateFields, generateRequest } from '#http/generate/generate-schema.ts'
import { readImageUrl } from '#http/media.ts'
import {
  readResponseFormat,
  readTool,
  readToolChoice,
  refuseUnknownChoice,
} from '#http/openai/chat-question.ts'
import { readMessages } from '#http/openai/messages.ts'
import { createMemberReader } from '#http/member-reader.ts'

const readMembers = createMemberReader(generateRequest)

/** Throws `unknown_field` with the nearest names, and what the schema says about the known ones. */
export function parseGenerate(body: JsonObject): GenerateRequest {
  for (const name in body) {
    if (Object.hasOwn(generateRequest.shape, name)) continue
    throw new Problem('unknown_field', {
      param: name.slice(0, 128),
      detail: `The field "${name.slice(0, 128)}" is not known.`,
      nearest: nearestNames(name, generateFields),
    })
  }
  // Many clients write null for a field that they do not use.
  return readMembers(withoutNulls(body))
}

function withoutNulls(body: JsonObject): JsonObject {
  const stated: Record<string, JsonObject[string]> = {}
  for (const name in body) if (body[name] !== null) stated[name] = body[name]
  return stated
}

type Draft = { -readonly [K in keyof ChatQuestion]: ChatQuestion[K] }

/** Throws `empty_prompt`, `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type`. */
export function readGenerateQuestion(
  request: GenerateRequest,
  caller: Caller,
  isStreamed: boolean,
): ChatQuestion {
  const question: Draft = { messages: readTurns(request), isStreamed }
  if (request.max_tokens !== undefined) question.maxOutputTokens = request.max_tokens
  if (request.temperature !== undefined) question.temperature = request.temperature
  if (request.top_p !== undefined) question.topP = request.top_p
  if (request.seed !== undefined) question.seed = request.seed
  if (request.stop !== undefined) {
    question.stopSequences = typeof request.stop === 'string' ? [request.stop] : request.stop
  }
  if (request.tools && request.tools.length > 0) question.tools = request.tools.map(readTool)
  const choice = readToolChoice(request.tool_choice)
  if (choice) {
    refuseUnknownChoice(choice, question.tools ?? [])
    question.toolChoice = choice
  }
  const format = request.response_format
  if (format === 'json' || format === 'text') question.responseFormat = { type: format }
  else if (format) question.responseFormat = readResponseFormat(format)
  if (request.reasoning_effort) question.reasoning = { effort: request.reasoning_effort }
  if (request.user_id !== undefined) question.endUser = opaqueUser(caller.tenantId, String(request.user_id))
  return question
}

/** What providers see of a user: the same name for the same user, which nobody can read back. */
function opaqueUser(tenantId: string, userId: string): string {
  return `user_${hash('sha256', `${tenantId}\n${userId}`, 'hex').slice(0, 32)}`
}

function readTurns(request: GenerateRequest): readonly ChatMessage[] {
  const { prompt, messages: wire, system } = request
  if (prompt !== undefined && wire !== undefined) {
    throw new Problem('invalid_value', {
      param: 'messages',
      detail: 'A request has either `prompt` or `messages`, not both.',
      mend: 'Append the prompt to `messages` as a user message, or leave one of them out.',
    })
  }
  const media = readImages(request.images ?? [])
  const messages: ChatMessage[] = system ? [{ role: 'system', parts: [{ type: 'text', text: system }] }] : []
  if (wire) return withMedia([...messages, ...readMessages(wire)], media)
  if (prompt === undefined)
    throw new Problem('missing_field', { param: 'prompt', detail: 'prompt is required.' })
  const isBlank = prompt.trim() === ''
  if (isBlank && media.length === 0) throw new Problem('empty_prompt', { param: 'prompt' })
  // Images first: models answer better when they have seen what the text speaks of.
  const parts: readonly Part[] = isBlank ? media : [...media, { type: 'text', text: prompt }]
  return [...messages, { role: 'user', parts }]
}

function withMedia(messages: ChatMessage[], media: readonly MediaPart[]): readonly ChatMessage[] {
  if (media.length === 0) return messages
  const last = messages.findLastIndex(({ role }) => role === 'user')
  const message = messages[last]
  if (message) messages[last] = { ...message, parts: [...media, ...message.parts] }
  else messages.push({ role: 'user', parts: media })
  return messages
}

function readImages(images: NonNullable<GenerateRequest['images']>): readonly MediaPart[] {
  return images.map((image, index) => {
    const inner = typeof image === 'object' && 'image_url' in image ? image.image_url : image
    const { url, detail } = typeof inner === 'string' ? { url: inner, detail: undefined } : inner
    const media = readImageUrl(url, `images[${index}]`)
    return detail === undefined ? media : { ...media, detail }
  })
}
