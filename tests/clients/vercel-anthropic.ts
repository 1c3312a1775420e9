/** Vercel's `ai` with `@ai-sdk/anthropic`. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

export const vercelAnthropic: ClientDriver = {
  title: 'ai, @ai-sdk/anthropic',
  door: 'anthropic',
  packages: ['ai', '@ai-sdk/anthropic'],
  acts: vercelActs({
    model: ({ address, apiKey, model }) => createAnthropic({ baseURL: `${address}/v1`, apiKey })(model),
    embedding: notThere('Anthropic has no embeddings'),
    thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } },
  }),
  ...vercelErrors,
}
