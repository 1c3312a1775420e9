/** The grammar of each API's streams. */
import type { Dialect } from '#core/domain/chat.ts'
import { checkAnthropicMessages } from './anthropic-messages.ts'
import { checkCohereChat } from './cohere-chat.ts'
import type { CheckGrammar } from './frames.ts'
import { checkGeminiGenerate } from './gemini-generate.ts'
import { checkOpenAiChat } from './openai-chat.ts'
import { checkOpenAiResponses } from './openai-responses.ts'

export const grammarOf: Readonly<Record<Dialect, CheckGrammar>> = {
  'openai-chat': checkOpenAiChat,
  'openai-responses': checkOpenAiResponses,
  'anthropic-messages': checkAnthropicMessages,
  'gemini-generate': checkGeminiGenerate,
  'cohere-chat': checkCohereChat,
}
