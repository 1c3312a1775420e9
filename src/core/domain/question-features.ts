/** Which features a question uses, read from the question alone. */
import type { ChatMessage, ChatQuestion, Dialect, MediaPart, Part, Tool } from '#core/domain/chat.ts'
import { addFeature } from '#core/domain/feature.ts'
import type { Feature, FeatureDraft, FeatureSet } from '#core/domain/feature.ts'

/**
 * The features of a question. Values that change nothing are no wish: a temperature or nucleus of 1 and penalties
 * of 0 are how a model answers anyway.
 */
export function featuresOf(question: ChatQuestion): FeatureSet {
  const draft: FeatureDraft = { first: 0, second: 0, third: 0 }
  let isLeading = true
  for (const message of question.messages) {
    const isInstruction = message.role === 'system' || message.role === 'developer'
    if (isInstruction) addInstruction(draft, message, isLeading)
    else {
      isLeading = false
      addMessage(draft, message)
    }
  }
  if (question.tools && question.tools.length > 0) addTools(draft, question, question.tools)
  if (question.reasoning) addReasoning(draft, question)
  addForm(draft, question)
  addSampling(draft, question)
  addRest(draft, question)
  addOwnMembers(draft, question)
  return draft
}

function addInstruction(draft: FeatureDraft, message: ChatMessage, isLeading: boolean): void {
  addFeature(draft, isLeading ? 'system_prompt' : 'later_instructions')
  if (message.role === 'developer') addFeature(draft, 'developer_role')
  for (const part of message.parts) {
    if (part.cacheHint) addFeature(draft, 'cache_hints')
    if (part.type === 'opaque') addFeature(draft, ofOrigin('items_of_', part.origin))
    else if (part.type !== 'text') addFeature(draft, 'media_in_instructions')
  }
}

function addMessage(draft: FeatureDraft, message: ChatMessage): void {
  const isAnswer = message.role === 'assistant'
  if (isAnswer) addFeature(draft, 'earlier_turns')
  for (const part of message.parts) {
    if (part.cacheHint) addFeature(draft, 'cache_hints')
    if (isAnswer) addAnswerPart(draft, part)
    else addQuestionPart(draft, part)
  }
}

function addQuestionPart(draft: FeatureDraft, part: Part): void {
  switch (part.type) {
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      addFeature(draft, mediaFeature(part))
      return
    case 'tool_result':
      addFeature(draft, 'tool_results')
      if (part.isError) addFeature(draft, 'failed_tool_results')
      for (const inner of part.parts) {
        addQuestionPart(draft, inner)
        if (isMedia(inner) && inner.source.kind !== 'text') addFeature(draft, 'media_in_tool_results')
      }
      return
    case 'opaque':
    case 'server_tool':
      addFeature(draft, ofOrigin('items_of_', part.origin))
      return
    case 'text':
    case 'reasoning':
    case 'refusal':
    case 'tool_call':
  }
}

function addAnswerPart(draft: FeatureDraft, part: Part): void {
  addThinking(draft, part)
  switch (part.type) {
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      addFeature(draft, isAudioReply(part) ? 'openai_audio_reply' : 'media_in_answers')
      if (!isAudioReply(part)) addFeature(draft, mediaFeature(part))
      return
    case 'tool_call':
      if (part.kind === 'custom') addFeature(draft, 'custom_tools')
      return
    case 'opaque':
    case 'server_tool':
      addFeature(draft, ofOrigin('past_items_of_', part.origin))
      return
    case 'tool_result':
      addQuestionPart(draft, part)
      return
    case 'text':
    case 'reasoning':
    case 'refusal':
  }
}

/** Thinking and its tokens, which may stand on any part of an answer. */
function addThinking(draft: FeatureDraft, part: Part): void {
  let hasToken = false
  for (const { kind, origin } of part.carry ?? []) {
    // An item's own id and such are no thinking; plain text that was shown is none that has a token.
    if (kind === 'item' || kind === 'reasoning_content') continue
    hasToken = true
    addFeature(draft, thinkingOf(origin))
  }
  if (part.type === 'reasoning' && !hasToken) addFeature(draft, 'thinking_without_token')
}

function thinkingOf(origin: Dialect): Feature {
  return origin === 'cohere-chat' ? 'thinking_without_token' : ofOrigin('thinking_of_', origin)
}

const originNames = {
  'openai-chat': 'openai_chat',
  'openai-responses': 'openai_responses',
  'anthropic-messages': 'anthropic',
  'gemini-generate': 'gemini',
  'cohere-chat': 'cohere',
} as const satisfies Record<Dialect, string>

type OriginName<D extends Dialect> = (typeof originNames)[D]

function ofOrigin<Prefix extends string, D extends Dialect>(
  prefix: Prefix,
  origin: D,
): `${Prefix}${OriginName<D>}` {
  return `${prefix}${originNames[origin]}`
}

function isMedia(part: Part): part is MediaPart {
  return part.type === 'image' || part.type === 'document' || part.type === 'audio' || part.type === 'video'
}

/** Audio that OpenAI made and keeps: an earlier answer is named by its id. */
function isAudioReply(part: MediaPart): boolean {
  return part.type === 'audio' && (part.id !== undefined || part.source.kind === 'file')
}

function mediaFeature(part: MediaPart): Feature {
  const { source, type } = part
  switch (source.kind) {
    case 'text':
      return 'text_document'
    case 'file':
      return fileFeature(part, source.origin)
    case 'url':
      return isGoogleAddress(source.url) ? 'google_address' : `${type}_address`
    case 'inline':
      if (type === 'document') return documentFeature(part)
      if (type === 'audio') return isUsualAudio(part.mediaType) ? 'audio_data' : 'other_audio'
      return `${type}_data`
  }
}

function fileFeature(part: MediaPart, origin: Dialect): Feature {
  if (origin === 'anthropic-messages') return 'anthropic_file'
  if (origin === 'gemini-generate') return 'gemini_file'
  return part.type === 'image' ? 'openai_image_file' : 'openai_file'
}

function documentFeature({ mediaType }: MediaPart): Feature {
  if (mediaType === undefined || mediaType === 'application/pdf') return 'pdf_data'
  return mediaType.startsWith('text/') ? 'text_document' : 'other_document'
}

function isUsualAudio(mediaType: string | undefined): boolean {
  return mediaType === undefined || /wav|wave|mpeg|mp3/.test(mediaType)
}

/** Files of Google's own stores, and videos on YouTube: Gemini reads them where they are. */
export function isGoogleAddress(url: string): boolean {
  return (
    url.startsWith('gs://') ||
    url.startsWith('https://generativelanguage.googleapis.com/') ||
    url.startsWith('https://www.youtube.com/watch?') ||
    url.startsWith('https://youtu.be/')
  )
}

function addTools(draft: FeatureDraft, question: ChatQuestion, tools: readonly Tool[]): void {
  addFeature(draft, 'tools')
  for (const tool of tools) addTool(draft, tool)
  const { toolChoice: choice } = question
  if (choice) addFeature(draft, `choice_${choice.mode}`)
  if (question.isParallelToolUseAllowed === false && choice?.mode !== 'none') {
    addFeature(draft, isOneToolForced(question) ? 'one_call_of_a_forced_tool' : 'one_call_at_a_time')
  }
  const form = question.responseFormat?.type
  if (form === 'json' || form === 'json_schema') addFeature(draft, 'json_beside_tools')
  if (question.reasoning?.effort !== 'none') addFeature(draft, 'tools_while_thinking')
}

/** Then calls can differ in their arguments alone, and whoever runs the first has run the tool that was wanted. */
function isOneToolForced({ tools = [], toolChoice: choice }: ChatQuestion): boolean {
  return choice?.mode === 'named' || (choice?.mode === 'required' && tools.length === 1)
}

/** Whether the model must be kept from calling one tool and another in the same turn. */
export function isHeldToOneTool(question: ChatQuestion): boolean {
  if (question.isParallelToolUseAllowed !== false || question.toolChoice?.mode === 'none') return false
  return !isOneToolForced(question)
}

function addTool(draft: FeatureDraft, tool: Tool): void {
  switch (tool.kind) {
    case 'function':
      if (tool.isStrict) addFeature(draft, 'strict_tools')
      if (tool.cacheHint) addFeature(draft, 'cache_hints')
      return
    case 'custom':
      addFeature(draft, 'custom_tools')
      if (tool.format && tool.format['type'] !== 'text') addFeature(draft, 'custom_grammar')
      return
    case 'server':
      addFeature(draft, ofOrigin('server_tools_of_', tool.origin))
  }
}

function addReasoning(draft: FeatureDraft, question: ChatQuestion): void {
  const { effort, budgetTokens, isShown } = question.reasoning ?? {}
  if (isShown === true) addFeature(draft, 'reasoning_shown')
  if (effort === 'none' || (effort === undefined && budgetTokens === 0)) {
    addFeature(draft, 'reasoning_off')
    return
  }
  if (effort !== undefined) addFeature(draft, 'reasoning_effort')
  else if (budgetTokens !== undefined) addFeature(draft, 'reasoning_budget')
  else return
  const { toolChoice: choice, temperature, topP, topK } = question
  const isForced =
    choice?.mode === 'required' ||
    choice?.mode === 'named' ||
    (choice?.mode === 'allowed' && choice.isRequired)
  if (isForced) addFeature(draft, 'forced_tool_while_thinking')
  if (isWish(temperature, 1) || isWish(topP, 1) || topK !== undefined) {
    addFeature(draft, 'sampling_while_thinking')
  }
}

function addForm(draft: FeatureDraft, question: ChatQuestion): void {
  const form = question.responseFormat?.type
  if (form === 'json') addFeature(draft, 'json_without_schema')
  else if (form === 'json_schema') addFeature(draft, 'json_schema')
  for (const modality of question.outputModalities ?? []) {
    if (modality === 'audio') addFeature(draft, 'output_audio')
    else if (modality === 'image') addFeature(draft, 'output_image')
  }
}

const isWish = (value: number | undefined, neutral: number) => value !== undefined && value !== neutral

function addSampling(draft: FeatureDraft, question: ChatQuestion): void {
  const { temperature, topP, frequencyPenalty = 0, presencePenalty = 0 } = question
  if (isWish(temperature, 1)) addFeature(draft, 'temperature')
  if ((temperature ?? 0) > 1) addFeature(draft, 'high_temperature')
  if (isWish(topP, 1)) addFeature(draft, 'top_p')
  if (isWish(temperature, 1) && isWish(topP, 1)) addFeature(draft, 'temperature_with_top_p')
  if (question.topK !== undefined) addFeature(draft, 'top_k')
  if (question.seed !== undefined) addFeature(draft, 'seed')
  if (frequencyPenalty !== 0) addFeature(draft, 'frequency_penalty')
  if (presencePenalty !== 0) addFeature(draft, 'presence_penalty')
  if (isOutsideUnit(frequencyPenalty) || isOutsideUnit(presencePenalty)) {
    addFeature(draft, 'penalties_outside_unit')
  }
}

const isOutsideUnit = (value: number) => value < 0 || value > 1

function addRest(draft: FeatureDraft, question: ChatQuestion): void {
  const { stopSequences: stops, logprobs } = question
  if (question.isStreamed) addFeature(draft, 'streaming')
  if (question.maxOutputTokens !== undefined) addFeature(draft, 'output_cap')
  if (stops && stops.length > 0) {
    addFeature(draft, 'stop')
    if (stops.length > 4) addFeature(draft, 'stop_over_four')
    if (stops.length > 5) addFeature(draft, 'stop_over_five')
    if (stops.some((stop) => stop.trim() === '')) addFeature(draft, 'blank_stop')
  }
  if (logprobs) addFeature(draft, 'logprobs')
  if (logprobs?.top) addFeature(draft, 'alternative_tokens')
  if ((question.answerCount ?? 1) > 1) addFeature(draft, 'several_answers')
  if (question.endUser !== undefined) addFeature(draft, 'end_user')
}

/** Members beside the common words without which the answer would be another. */
function addOwnMembers(draft: FeatureDraft, { native }: ChatQuestion): void {
  if (native?.dialect !== 'openai-chat') return
  const { logit_bias: bias, web_search_options: search } = native.body
  if (bias !== undefined && bias !== null && Object.keys(bias).length > 0) {
    addFeature(draft, 'items_of_openai_chat')
  }
  if (search !== undefined && search !== null) addFeature(draft, 'server_tools_of_openai_chat')
}
