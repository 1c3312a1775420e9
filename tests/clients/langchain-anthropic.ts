/** LangChain's `ChatAnthropic`. */
import { ChatAnthropic } from '@langchain/anthropic'
import { langchainActs, langchainFailure, ownClock } from '#tests/clients/langchain.ts'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

export const langchainAnthropic: ClientDriver = {
  title: 'LangChain, ChatAnthropic',
  door: 'anthropic',
  packages: ['@langchain/core', '@langchain/anthropic'],
  acts: langchainActs({
    model: ({ address, apiKey, model, maxRetries, isThinkingWanted }) =>
      new ChatAnthropic({
        model,
        apiKey,
        anthropicApiUrl: address,
        maxTokens: 4_000,
        ...(maxRetries === undefined ? {} : { maxRetries }),
        ...(isThinkingWanted ? { thinking: { type: 'enabled' as const, budget_tokens: 2_000 } } : {}),
      }),
    structuredBy: 'jsonSchema',
    embeddings: notThere('Anthropic has no embeddings'),
  }),
  errorNames: {
    badRequest: 'BadRequestError',
    unauthorized: 'AuthenticationError',
    notFound: 'NotFoundError',
    rateLimited: 'RateLimitError',
    serverError: 'InternalServerError',
  },
  failureOf: langchainFailure,
  limits: {
    retries: ownClock,
    'stream@anthropic-messages': 'the package adds the output of the first event to that of the last',
  },
}
