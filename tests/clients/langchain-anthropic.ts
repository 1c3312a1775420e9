/** LangChain's `ChatAnthropic`. */
import { ChatAnthropic } from '@langchain/anthropic'
import { langchainActs, langchainFailure } from '#tests/clients/langchain.ts'
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
    stream:
      'the package reads the input from the first event of a stream alone, where other providers have not counted it, and adds the output of the first event to that of the last',
  },
}
