/** A whole answer as a chat.completion object. */
import type { AnswerChoice, ChatAnswer, Finish, FinishReason, Logprobs } from '#core/domain/answer.ts'
import { visibleText } from '#core/domain/answer.ts'
import type { Citation, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { writeCallExtra } from '#http/openai/call-extra.ts'
import { tokensOfLogprobs } from '#http/openai/logprob-tokens.ts'
import { writeReasoningDetails } from '#http/openai/reasoning-details.ts'

export interface CompletionHead {
  readonly id: string
  readonly createdAtS: number
}

/** Bytes of a provider that speaks this API pass untouched; everything else is written from the words. */
export function writeCompletion(answer: ChatAnswer, receipt: Receipt, head: CompletionHead): Uint8Array {
  if (answer.native?.dialect === 'openai-chat') return answer.native.bytes
  return Buffer.from(
    JSON.stringify({
      id: head.id,
      object: 'chat.completion',
      created: answer.createdAtS ?? head.createdAtS,
      model: answer.model || receipt.model,
      choices: answer.choices.map(writeChoice),
      usage: writeUsage(receipt.usage),
    }),
  )
}

function writeChoice(choice: AnswerChoice): JsonObject {
  const calls = choice.parts.filter((part) => part.type === 'tool_call')
  return {
    index: choice.index,
    message: writeMessage(choice.parts, calls),
    logprobs: choice.logprobs ? writeLogprobs(choice.logprobs) : null,
    finish_reason: finishWord(choice.finish.unified, calls.length > 0),
    ...finishMembers(choice.finish),
  }
}

/** Null where the provider does not say what its tokens are. */
export function writeLogprobs(logprobs: Logprobs): JsonValue {
  if (logprobs.origin === 'openai-chat') return logprobs.value
  const content = tokensOfLogprobs(logprobs)
  return content.length === 0 ? null : { content, refusal: null }
}

/** Extensions: the provider's own word for the end, the text that it stopped at, and its explanation. */
export function finishMembers({ raw, stopSequence, detail }: Finish): JsonObject {
  return {
    ...(raw === null ? {} : { native_finish_reason: raw }),
    ...(stopSequence === undefined ? {} : { stop_sequence: stopSequence }),
    ...(detail === undefined ? {} : { finish_details: detail }),
  }
}

function writeMessage(parts: readonly Part[], calls: readonly ToolCallPart[]): JsonObject {
  const refusal = joined(parts, 'refusal')
  const hasText = parts.some((part) => part.type === 'text' && !part.isToolPlan)
  const isBare = calls.length > 0 || refusal !== ''
  const message: { -readonly [K in keyof JsonObject]: JsonObject[K] } = {
    role: 'assistant',
    content: hasText || !isBare ? visibleText(parts) : null,
    refusal: refusal === '' ? null : refusal,
  }
  if (calls.length > 0) message['tool_calls'] = calls.map(writeToolCall)
  const reasoning = reasoningText(parts)
  if (reasoning !== '') message['reasoning_content'] = reasoning
  const details = parts.flatMap(writeReasoningDetails)
  if (details.length > 0) message['reasoning_details'] = details
  const citations = parts.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
  Object.assign(message, writeCitations(citations))
  for (const part of parts) if (part.type === 'audio') message['audio'] = writeAudio(part)
  const images = parts.flatMap((part) =>
    part.type === 'image' ? [writeImage({ ...part, type: 'image' })] : [],
  )
  if (images.length > 0) message['images'] = images
  return message
}

function joined(parts: readonly Part[], type: 'refusal'): string {
  let text = ''
  for (const part of parts) if (part.type === type) text += part.text
  return text
}

/** Shown thinking, and the plans that some models state before their tool calls. */
function reasoningText(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) {
    if (part.type === 'reasoning' || (part.type === 'text' && part.isToolPlan)) text += part.text
  }
  return text
}

function writeToolCall(call: ToolCallPart): JsonObject {
  const extra = writeCallExtra(call.carry ?? [])
  const body =
    call.kind === 'custom'
      ? { custom: { name: call.name, input: call.argumentsText } }
      : { function: { name: call.name, arguments: call.argumentsText } }
  return { id: call.id, type: call.kind, ...body, ...(extra ? { extra_content: extra } : {}) }
}

/**
 * Sources on the web as annotations, which have no other kind here; every other source in `citations`, an extension,
 * because clients refuse annotations of kinds that they do not know.
 */
export function writeCitations(citations: readonly Citation[]): JsonObject {
  const annotations: JsonObject[] = []
  const others: JsonObject[] = []
  for (const { url, title, text, start, end } of citations) {
    const place = { start_index: start ?? 0, end_index: end ?? 0 }
    const cited = text === undefined ? {} : { cited_text: text }
    if (url === undefined) others.push({ title: title ?? '', ...place, ...cited })
    else annotations.push({ type: 'url_citation', url_citation: { url, title: title ?? '', ...place } })
  }
  return {
    ...(annotations.length > 0 ? { annotations } : {}),
    ...(others.length > 0 ? { citations: others } : {}),
  }
}

export function writeAudio(audio: MediaPart): JsonObject {
  return {
    id: audio.id ?? '',
    data: audio.source.kind === 'inline' ? audio.source.base64 : '',
    transcript: audio.transcript ?? '',
    expires_at: 0,
  }
}

export function writeImage(image: MediaPart): JsonObject {
  const { source } = image
  const url =
    source.kind === 'inline'
      ? `data:${image.mediaType ?? 'image/png'};base64,${source.base64}`
      : source.kind === 'url'
        ? source.url
        : ''
  return { type: 'image_url', image_url: { url } }
}

/** Counts that the provider did not give are 0 in this form, which has no way to say so. */
export function writeUsage(usage: Usage): JsonObject {
  const inputTokens = usage.inputTokens ?? 0
  const outputTokens = usage.outputTokens ?? 0
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      audio_tokens: usage.inputAudioTokens ?? 0,
      ...(usage.cacheWriteTokens ? { cache_write_tokens: usage.cacheWriteTokens } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens ?? 0,
      audio_tokens: usage.outputAudioTokens ?? 0,
    },
  }
}

/** `stop` beside tool calls would end an agent's loop, whatever the provider said. */
export function finishWord(reason: FinishReason, hasCalls: boolean): string {
  switch (reason) {
    case 'stop':
    case 'pause':
    case 'other':
      return hasCalls ? 'tool_calls' : 'stop'
    case 'length':
    case 'tool_calls':
    case 'content_filter':
    case 'error':
      return reason
  }
}
