/** The dialect of OpenAI's chat completions, which most providers speak. */
import type { DecodeContext, LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { parseCompletion, readCompletion } from '#services/llm-adapters/openai-chat/decode.ts'
import { encodeOpenAiChat } from '#services/llm-adapters/openai-chat/encode.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { openNativeStream } from '#services/llm-adapters/openai-chat/native-stream.ts'
import { readPlainCompletion } from '#services/llm-adapters/openai-chat/plain-completion.ts'
import { openTranslatedStream } from '#services/llm-adapters/openai-chat/stream.ts'

export const openAiChat: LlmAdapter = {
  dialect: 'openai-chat',
  encode: encodeOpenAiChat,
  decode(reply, wanted) {
    const context = readableContext(wanted)
    const completion = parseCompletion(reply, context)
    const plain = context.isNative ? readPlainCompletion(completion, context) : undefined
    return plain ?? readCompletion(completion, context)
  },
  openStream(wanted) {
    const context = readableContext(wanted)
    return context.isNative ? openNativeStream(context) : openTranslatedStream(context)
  },
  explain: explainOpenAi,
}

/** What a provider says in forms of its own is told in words, so that the caller gets those of OpenAI. */
function readableContext(context: DecodeContext): DecodeContext {
  if (!context.isNative || !context.target.provider.quirks.has('own_answer_forms')) return context
  return { ...context, isNative: false }
}
