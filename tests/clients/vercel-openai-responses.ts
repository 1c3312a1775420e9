/** Vercel's `ai` with `@ai-sdk/openai` as it is by default: OpenAI's Responses. */
import { createOpenAI } from '@ai-sdk/openai'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

export const vercelOpenaiResponses: ClientDriver = {
  title: 'ai, @ai-sdk/openai',
  door: 'openai-responses',
  packages: ['ai', '@ai-sdk/openai'],
  acts: vercelActs({
    model: ({ address, apiKey, model }) => createOpenAI({ baseURL: `${address}/v1`, apiKey })(model),
    embedding: notThere('the same class as beside .chat()'),
    // Unknown names count as models that do not think; nothing is kept at the provider.
    always: { openai: { store: false } },
    thinking: {
      openai: {
        store: false,
        forceReasoning: true,
        reasoningSummary: 'auto',
        include: ['reasoning.encrypted_content'],
      },
    },
  }),
  ...vercelErrors,
}
