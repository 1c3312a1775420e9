/** Vercel's `ai` with `@ai-sdk/cohere`. */
import { createCohere } from '@ai-sdk/cohere'
import type { ClientDriver, Task } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

const providerOf = ({ address, apiKey }: Task) => createCohere({ baseURL: `${address}/v2`, apiKey })

const citations = "the package refuses Cohere's own citations of tool results: it demands a document in each"

export const vercelCohere: ClientDriver = {
  title: 'ai, @ai-sdk/cohere',
  door: 'cohere',
  packages: ['ai', '@ai-sdk/cohere'],
  acts: vercelActs({
    model: (task) => providerOf(task)(task.model),
    embedding: (task) => providerOf(task).embeddingModel(task.model),
    thinking: { cohere: { thinking: { type: 'enabled', tokenBudget: 2_000 } } },
  }),
  ...vercelErrors,
  faults: { 'tools@cohere-chat': citations, 'parallelTools@cohere-chat': citations },
  limits: {
    thoughtsReturned: 'the package leaves thoughts out of what it sends back',
    cutStream: 'the package throws nothing; its finish reason is `error`',
  },
}
