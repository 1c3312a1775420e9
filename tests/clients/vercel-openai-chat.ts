/** Vercel's `ai` with `@ai-sdk/openai`, by `.chat()`. */
import { createOpenAI } from '@ai-sdk/openai'
import type { ClientDriver } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

const shown = 'the package reads no thoughts from Chat Completions'

export const vercelOpenaiChat: ClientDriver = {
  title: 'ai, @ai-sdk/openai by .chat()',
  door: 'openai-chat',
  packages: ['ai', '@ai-sdk/openai'],
  acts: vercelActs({
    model: ({ address, apiKey, model }) => createOpenAI({ baseURL: `${address}/v1`, apiKey }).chat(model),
    embedding: ({ address, apiKey, model }) =>
      createOpenAI({ baseURL: `${address}/v1`, apiKey }).embeddingModel(model),
  }),
  ...vercelErrors,
  limits: { reasoning: shown, streamedReasoning: shown, thoughtsReturned: shown },
}
