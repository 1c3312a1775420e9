/** Every client that is tried from Node, in the order of the page. */
import { anthropic } from '#tests/clients/anthropic.ts'
import { cohere } from '#tests/clients/cohere.ts'
import { googleGenai } from '#tests/clients/google-genai.ts'
import { langchainAnthropic } from '#tests/clients/langchain-anthropic.ts'
import { langchainGoogle } from '#tests/clients/langchain-google.ts'
import { langchainOpenaiChat } from '#tests/clients/langchain-openai-chat.ts'
import { langchainOpenaiResponses } from '#tests/clients/langchain-openai-responses.ts'
import { openaiChat } from '#tests/clients/openai-chat.ts'
import { openaiResponses } from '#tests/clients/openai-responses.ts'
import type { ClientDriver } from '#tests/clients/task.ts'
import { vercelAnthropic } from '#tests/clients/vercel-anthropic.ts'
import { vercelCohere } from '#tests/clients/vercel-cohere.ts'
import { vercelGoogle } from '#tests/clients/vercel-google.ts'
import { vercelOpenaiChat } from '#tests/clients/vercel-openai-chat.ts'
import { vercelOpenaiCompatible } from '#tests/clients/vercel-openai-compatible.ts'
import { vercelOpenaiResponses } from '#tests/clients/vercel-openai-responses.ts'

export const officialClients: readonly ClientDriver[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  googleGenai,
  cohere,
]

export const vercelClients: readonly ClientDriver[] = [
  vercelOpenaiResponses,
  vercelOpenaiChat,
  vercelOpenaiCompatible,
  vercelAnthropic,
  vercelGoogle,
  vercelCohere,
]

export const langchainClients: readonly ClientDriver[] = [
  langchainOpenaiChat,
  langchainOpenaiResponses,
  langchainAnthropic,
  langchainGoogle,
]

export const clients: readonly ClientDriver[] = [...officialClients, ...vercelClients, ...langchainClients]
