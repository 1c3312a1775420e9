/** Vercel's `ai` with `@ai-sdk/google`. */
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import type { ClientDriver, Task } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

const providerOf = ({ address, apiKey }: Task) =>
  createGoogleGenerativeAI({ baseURL: `${address}/v1beta`, apiKey })

export const vercelGoogle: ClientDriver = {
  title: 'ai, @ai-sdk/google',
  door: 'gemini',
  packages: ['ai', '@ai-sdk/google'],
  acts: vercelActs({
    model: (task) => providerOf(task)(task.model),
    embedding: (task) => providerOf(task).embeddingModel(task.model),
    thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 } } },
  }),
  ...vercelErrors,
}
