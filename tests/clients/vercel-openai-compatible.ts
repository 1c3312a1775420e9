/** Vercel's `ai` with `@ai-sdk/openai-compatible`. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { ClientDriver, Task } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

const providerOf = ({ address, apiKey }: Task) =>
  createOpenAICompatible({
    name: 'signalbox',
    baseURL: `${address}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })

const textOnly = 'the package sends the text of thoughts back, without the tokens that came with it'

export const vercelOpenaiCompatible: ClientDriver = {
  title: 'ai, @ai-sdk/openai-compatible',
  door: 'openai-chat',
  packages: ['ai', '@ai-sdk/openai-compatible'],
  acts: vercelActs({
    model: (task) => providerOf(task)(task.model),
    embedding: (task) => providerOf(task).embeddingModel(task.model),
  }),
  ...vercelErrors,
  limits: {
    'thoughtsReturned@openai-responses': textOnly,
    'thoughtsReturned@anthropic-messages': textOnly,
  },
}
