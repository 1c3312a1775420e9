/** LangChain's `ChatOpenAI` with `useResponsesApi`. */
import { ChatOpenAI } from '@langchain/openai'
import { langchainActs, langchainFailure, ownClock } from '#tests/clients/langchain.ts'
import { openaiErrorNames } from '#tests/clients/openai-chat.ts'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

export const langchainOpenaiResponses: ClientDriver = {
  title: 'LangChain, ChatOpenAI with useResponsesApi',
  door: 'openai-responses',
  packages: ['@langchain/core', '@langchain/openai'],
  acts: langchainActs({
    model: ({ address, apiKey, model, maxRetries, isThinkingWanted }) =>
      new ChatOpenAI({
        model,
        apiKey,
        configuration: { baseURL: `${address}/v1` },
        useResponsesApi: true,
        // Nothing is kept at the provider; thoughts come back encrypted.
        zdrEnabled: true,
        ...(maxRetries === undefined ? {} : { maxRetries }),
        ...(isThinkingWanted ? { reasoning: { effort: 'medium' as const, summary: 'auto' as const } } : {}),
      }),
    structuredBy: 'jsonSchema',
    embeddings: notThere('the same class as beside chat completions'),
  }),
  errorNames: openaiErrorNames,
  failureOf: langchainFailure,
  limits: { retries: ownClock },
}
