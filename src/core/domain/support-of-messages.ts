/** The table of support, first part: what stands in the conversation. */
import { done, doneBy, everywhere, onlyAt, passedOver, refused, row } from '#core/domain/support.ts'
import type { FeatureRow, Params } from '#core/domain/support.ts'

/** The member that holds the conversation, in those APIs that can say it there: C, R, A, G and H for Cohere. */
function by(letters: string): Params {
  return {
    ...(letters.includes('C') ? { 'openai-chat': 'messages' } : {}),
    ...(letters.includes('R') ? { 'openai-responses': 'input' } : {}),
    ...(letters.includes('A') ? { 'anthropic-messages': 'messages' } : {}),
    ...(letters.includes('G') ? { 'gemini-generate': 'contents' } : {}),
    ...(letters.includes('H') ? { 'cohere-chat': 'messages' } : {}),
  }
}
const byAll = by('CRAGH')

/**
 * Tokens of thinking are valid only where they were made: Anthropic guide "Extended thinking" (signatures), OpenAI
 * guide "Reasoning models" (encrypted content), Gemini guide "Thought signatures", DeepSeek guide "Thinking mode".
 */
const thinkingElsewhere = passedOver(
  'messages.reasoning',
  'Tokens of thinking are valid only at the provider that made them (Anthropic guide "Extended thinking", OpenAI guide "Reasoning models", Gemini guide "Thought signatures")',
)
const pastItemsElsewhere = passedOver(
  'messages.provider_items',
  'What a provider did with tools of its own is a record for that provider alone (OpenAI guide "Conversation state", Anthropic guide "Server tools"); the words of the answer are sent',
)
const cachesItself = (source: string) => passedOver('cache_control', source)

/** Source: Gemini API guide "File input methods", external addresses. */
const byItsAddress = doneBy('`fileData`, from https addresses')

export const messageSupport = {
  system_prompt: row('a system prompt', byAll, everywhere),
  developer_role: row('the role `developer`', by('CRH'), [
    doneBy('as `system` where the provider does not know the role'),
    done,
    doneBy('as `system`'),
    doneBy('in `systemInstruction`'),
    doneBy('as `system`'),
  ]),
  later_instructions: row('system messages in the middle of a conversation', by('CRAH'), [
    done,
    done,
    doneBy('as `system` messages where the model takes them, else in the user turn, marked `<system>`'),
    doneBy('in the user turn, marked `<system>`'),
    done,
  ]),
  media_in_instructions: row('media in system messages', by('CR'), [
    refused,
    done,
    refused,
    refused,
    refused,
  ]),
  earlier_turns: row('earlier turns', byAll, everywhere),
  media_in_answers: row('media that a model made in an earlier turn', by('CRGH'), [
    doneBy('in a user message behind it'),
    doneBy('in a user message behind it'),
    doneBy('in a user message behind it'),
    done,
    doneBy('in a user message behind it'),
  ]),
  tool_results: row('results of tools', byAll, everywhere),
  failed_tool_results: row('results of tools that failed', by('AG'), [
    doneBy('the text says `Error:`'),
    doneBy('the text says `Error:`'),
    doneBy('`is_error`'),
    doneBy('`response.error`'),
    doneBy('the text says `Error:`'),
  ]),
  media_in_tool_results: row('media in results of tools', by('CRAG'), [
    doneBy('in a user message behind the results'),
    done,
    done,
    doneBy('inside the result (Gemini 3), else in the user turn behind it'),
    doneBy('in a user message behind the results'),
  ]),
  thinking_of_openai_chat: row(
    'thinking kept by a provider of chat completions',
    byAll,
    onlyAt('openai-chat', thinkingElsewhere),
  ),
  thinking_of_openai_responses: row(
    'encrypted thinking of Responses',
    byAll,
    onlyAt('openai-responses', thinkingElsewhere),
  ),
  thinking_of_anthropic: row(
    'signed thinking of Anthropic models',
    byAll,
    onlyAt('anthropic-messages', thinkingElsewhere),
  ),
  thinking_of_gemini: row(
    'thought signatures of Gemini',
    byAll,
    onlyAt('gemini-generate', thinkingElsewhere),
  ),
  thinking_without_token: row('thinking as plain text in earlier turns', by('CRGH'), [
    thinkingElsewhere,
    thinkingElsewhere,
    thinkingElsewhere,
    thinkingElsewhere,
    thinkingElsewhere,
  ]),
  past_items_of_openai_chat: row(
    'what chat completions returned beside text in earlier turns',
    by('C'),
    onlyAt('openai-chat', pastItemsElsewhere),
  ),
  past_items_of_openai_responses: row(
    'items of Responses in earlier turns',
    by('R'),
    onlyAt('openai-responses', pastItemsElsewhere),
  ),
  past_items_of_anthropic: row(
    'server tool blocks of Anthropic in earlier turns',
    by('A'),
    onlyAt('anthropic-messages', pastItemsElsewhere),
  ),
  past_items_of_gemini: row(
    'server tool parts of Gemini in earlier turns',
    by('G'),
    onlyAt('gemini-generate', pastItemsElsewhere),
  ),
  past_items_of_cohere: row(
    'items of Cohere in earlier turns',
    by('H'),
    onlyAt('cohere-chat', pastItemsElsewhere),
  ),
  items_of_openai_chat: row(
    'content parts that only chat completions know',
    by('C'),
    onlyAt('openai-chat', refused),
  ),
  items_of_openai_responses: row(
    'input items that only Responses knows',
    by('R'),
    onlyAt('openai-responses', refused),
  ),
  items_of_anthropic: row(
    'content blocks that only Anthropic knows',
    by('A'),
    onlyAt('anthropic-messages', refused),
  ),
  items_of_gemini: row(
    'what only Gemini knows (newer kinds of parts, `cachedContent`, `videoMetadata`, `speechConfig`, `imageConfig`, the strictest `safetySettings`, other forms of answer)',
    by('G'),
    onlyAt('gemini-generate', refused),
  ),
  items_of_cohere: row('content that only Cohere knows', by('H'), onlyAt('cohere-chat', refused)),
  cache_hints: row('marks of where to cache the prompt', by('CRA'), [
    cachesItself('Prompts are cached without being asked (OpenAI guide "Prompt caching")'),
    cachesItself('Prompts are cached without being asked (OpenAI guide "Prompt caching")'),
    doneBy('`cache_control`, the last four'),
    cachesItself('Prompts are cached without being asked (Gemini guide "Context caching", implicit caching)'),
    cachesItself('Prompts are cached without being asked (Cohere API reference, `usage.cached_tokens`)'),
  ]),
  image_data: row('images by data URL', byAll, everywhere),
  image_address: row('images by their address', byAll, [done, done, done, byItsAddress, done]),
  pdf_data: row('PDF documents', by('CRAG'), [done, done, done, done, refused]),
  document_address: row('documents by their address', by('RAG'), [
    refused,
    done,
    done,
    byItsAddress,
    refused,
  ]),
  text_document: row('documents of plain text', byAll, everywhere),
  other_document: row('documents that are neither PDF nor plain text', by('CRG'), [
    done,
    done,
    refused,
    refused,
    refused,
  ]),
  audio_data: row('audio (WAV or MP3)', by('CRG'), [done, done, refused, done, refused]),
  other_audio: row('audio that is neither WAV nor MP3', by('CG'), [done, refused, refused, done, refused]),
  audio_address: row('audio by its address', by('G'), onlyAt('gemini-generate', refused)),
  video_data: row('video', by('G'), [
    doneBy('`video_url`, for providers whose models see video'),
    refused,
    refused,
    done,
    refused,
  ]),
  video_address: row('video by its address', by('CG'), [
    doneBy('`video_url`, for providers whose models see video'),
    refused,
    refused,
    byItsAddress,
    refused,
  ]),
  google_address: row('files of Google and videos on YouTube', by('CG'), onlyAt('gemini-generate', refused)),
  openai_file: row('files that OpenAI keeps', by('CR'), [done, done, refused, refused, refused]),
  openai_image_file: row('images that OpenAI keeps', by('R'), onlyAt('openai-responses', refused)),
  openai_audio_reply: row('audio that OpenAI made and keeps', by('C'), onlyAt('openai-chat', refused)),
  anthropic_file: row('files that Anthropic keeps', by('A'), onlyAt('anthropic-messages', refused)),
  gemini_file: row('files that Gemini keeps', by('G'), onlyAt('gemini-generate', refused)),
} as const satisfies Record<string, FeatureRow>
