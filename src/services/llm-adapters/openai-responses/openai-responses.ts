/** The dialect of OpenAI's Responses, which its newer models demand for tools. */
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { decodeOpenAiResponse } from '#services/llm-adapters/openai-responses/decode.ts'
import { encodeOpenAiResponse } from '#services/llm-adapters/openai-responses/encode.ts'
import { openNativeResponse } from '#services/llm-adapters/openai-responses/native-stream.ts'
import { openTranslatedResponse } from '#services/llm-adapters/openai-responses/stream.ts'

export const openAiResponses: LlmAdapter = {
  dialect: 'openai-responses',
  encode: encodeOpenAiResponse,
  decode: decodeOpenAiResponse,
  openStream: (context) => (context.isNative ? openNativeResponse(context) : openTranslatedResponse(context)),
  explain: explainOpenAi,
}
