/** LangChain's `ChatGoogleGenerativeAI`. */
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from '@langchain/google-genai'
import { langchainActs, langchainFailure } from '#tests/clients/langchain.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

/** The package sends pictures only to models whose names begin so. */
export const aliasPrefix = 'gemini-2-'

const visibleOnly = 'the package counts what is visible, without the thoughts'

export const langchainGoogle: ClientDriver = {
  title: 'LangChain, ChatGoogleGenerativeAI',
  door: 'gemini',
  packages: ['@langchain/core', '@langchain/google-genai'],
  acts: langchainActs({
    model: ({ address, apiKey, model, maxRetries, isThinkingWanted }) =>
      new ChatGoogleGenerativeAI({
        model: `${aliasPrefix}${model}`,
        apiKey,
        baseUrl: address,
        ...(maxRetries === undefined ? {} : { maxRetries }),
        ...(isThinkingWanted ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 } } : {}),
      }),
    structuredBy: 'jsonSchema',
    embeddings: ({ address, apiKey, model }) =>
      new GoogleGenerativeAIEmbeddings({ model: `${aliasPrefix}${model}`, apiKey, baseUrl: address }),
  }),
  errorNames: {
    badRequest: 'GoogleGenerativeAIFetchError',
    unauthorized: 'GoogleGenerativeAIFetchError',
    notFound: 'GoogleGenerativeAIFetchError',
    rateLimited: 'GoogleGenerativeAIFetchError',
    serverError: 'GoogleGenerativeAIFetchError',
  },
  failureOf: langchainFailure,
  setUp: `its models have aliases (\`routing.aliases\`) that begin with \`${aliasPrefix}\`, because the package sends pictures to no others`,
  untriedFaults: {
    abort: 'when aborted, the package leaves a rejection that nobody can handle, which ends the process',
  },
  limits: {
    'text@gemini-generate': visibleOnly,
    'stream@gemini-generate': visibleOnly,
    retries: 'the package asks once',
    cutStream: 'the package reads past the error in the stream; its last chunk has no `finishReason`',
  },
}
