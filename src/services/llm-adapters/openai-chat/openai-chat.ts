/** The dialect of OpenAI's chat completions, which most providers speak. */
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { decodeOpenAiChat } from '#services/llm-adapters/openai-chat/decode.ts'
import { encodeOpenAiChat } from '#services/llm-adapters/openai-chat/encode.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { openNativeStream } from '#services/llm-adapters/openai-chat/native-stream.ts'
import { readPlainCompletion } from '#services/llm-adapters/openai-chat/plain-completion.ts'
import { openTranslatedStream } from '#services/llm-adapters/openai-chat/stream.ts'

export const openAiChat: LlmAdapter = {
  dialect: 'openai-chat',
  encode: encodeOpenAiChat,
  decode: (reply, context) =>
    (context.isNative ? readPlainCompletion(reply, context) : undefined) ?? decodeOpenAiChat(reply, context),
  openStream: (context) => (context.isNative ? openNativeStream(context) : openTranslatedStream(context)),
  explain: explainOpenAi,
}
