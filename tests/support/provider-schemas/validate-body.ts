/** Whether a provider would take a request body, as far as its reference says. */
import { Ajv2020 } from 'ajv/dist/2020.js'

import type { Dialect } from '../../../src/core/domain/chat.ts'
import { anthropicMessagesSchema } from './anthropic-messages.ts'
import { cohereChatSchema } from './cohere-chat.ts'
import { geminiGenerateSchema, inCamelCase } from './gemini-generate.ts'
import { openAiChatSchema } from './openai-chat.ts'
import { openAiResponsesSchema } from './openai-responses.ts'

const ajv = new Ajv2020({ allErrors: false, strict: false })
const validators = {
  'openai-chat': ajv.compile(openAiChatSchema),
  'openai-responses': ajv.compile(openAiResponsesSchema),
  'anthropic-messages': ajv.compile(anthropicMessagesSchema),
  'gemini-generate': ajv.compile(geminiGenerateSchema),
  'cohere-chat': ajv.compile(cohereChatSchema),
} as const

export type DialectWithSchema = keyof typeof validators

export const dialectsWithSchema = Object.keys(validators) as readonly DialectWithSchema[]

export const hasSchema = (dialect: Dialect): dialect is DialectWithSchema => dialect in validators

/** What is wrong with the body, each as a path and a sentence; empty when nothing is. */
export function faultsOfBody(dialect: DialectWithSchema, body: unknown): readonly string[] {
  const validate = validators[dialect]
  if (validate(dialect === 'gemini-generate' ? inCamelCase(body) : body)) return []
  return (validate.errors ?? []).map(
    (error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`,
  )
}
