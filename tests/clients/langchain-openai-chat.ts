/** LangChain's `ChatOpenAI`, chat completions. */
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { langchainActs, langchainFailure, ownClock } from '#tests/clients/langchain.ts'
import { openaiErrorNames } from '#tests/clients/openai-chat.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

export const langchainOpenaiChat: ClientDriver = {
  title: 'LangChain, ChatOpenAI and OpenAIEmbeddings',
  door: 'openai-chat',
  packages: ['@langchain/core', '@langchain/openai'],
  acts: langchainActs({
    model: ({ address, apiKey, model, maxRetries, isThinkingWanted }) =>
      new ChatOpenAI({
        model,
        apiKey,
        configuration: { baseURL: `${address}/v1` },
        ...(maxRetries === undefined ? {} : { maxRetries }),
        ...(isThinkingWanted ? { reasoning: { effort: 'medium' as const } } : {}),
      }),
    structuredBy: 'jsonSchema',
    embeddings: ({ address, apiKey, model }) =>
      new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL: `${address}/v1` } }),
  }),
  errorNames: openaiErrorNames,
  failureOf: langchainFailure,
  limits: {
    retries: ownClock,
    thoughtsReturned: 'the package leaves thoughts out of what it sends back',
  },
}
