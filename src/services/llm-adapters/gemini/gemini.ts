/** The Gemini dialect: generateContent and streamGenerateContent of the Gemini API and of Vertex AI. */
import { asArray, asObject, parseJson } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { encodeQuestion } from '#services/llm-adapters/gemini/encode-question.ts'
import { explainError, explainReply } from '#services/llm-adapters/gemini/explain-reply.ts'
import { createReplyReader } from '#services/llm-adapters/gemini/reply-reader.ts'
import { openGeminiStream } from '#services/llm-adapters/gemini/reply-stream.ts'
import { createAnswerBuilder } from '#core/domain/answer-builder.ts'

/** Source: Gemini API reference, "Generating content" (`models.generateContent`, `models.streamGenerateContent`). */
export const geminiGenerate: LlmAdapter = {
  dialect: 'gemini-generate',

  encode: encodeQuestion,

  decode(reply, context) {
    const value = parseJson(new TextDecoder().decode(reply.body))
    const response = asObject(value) ?? asObject(asArray(value)[0])
    if (!response) {
      throw new Problem('provider_malformed', {
        detail: 'The provider sent a reply that is not JSON.',
        provider: context.target.provider.name,
      })
    }
    if (response['error'] !== undefined) throw explainError(response, reply, context.target)
    const builder = createAnswerBuilder()
    const reader = createReplyReader({ context, keepsPartsApart: true })
    for (const event of reader.read(response)) builder.add(event)
    for (const event of reader.end()) builder.add(event)
    if (!reader.isFinished && !reader.hasContent) {
      throw new Problem('provider_malformed', {
        detail: 'The provider sent a reply without an answer.',
        provider: context.target.provider.name,
      })
    }
    const answer = builder.build()
    return context.isNative
      ? { ...answer, native: { dialect: 'gemini-generate', bytes: reply.body } }
      : answer
  },

  openStream: openGeminiStream,

  explain: explainReply,
}
