/** The providers behind the gateway on this stage: five protocols, and one of the many that copy OpenAI's. */
import type { Dialect } from '#core/domain/chat.ts'

export interface Target {
  readonly name: TargetName
  readonly title: string
  readonly dialect: Dialect
  /** As clients ask for it; catalogue.yaml has the rest. */
  readonly model: string
  /** Undefined where the provider makes none. */
  readonly embeddingModel?: string | undefined
  /** The provider's row, and the part of the double's address that is its own. */
  readonly provider: string
  readonly path: string
  /** The key that the provider knows the gateway by. */
  readonly keyName: string
}

export type TargetName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini-generate'
  | 'cohere-chat'
  | 'mistral'

export const targets: readonly Target[] = [
  {
    name: 'openai-chat',
    title: 'OpenAI Chat Completions',
    dialect: 'openai-chat',
    model: 'talking-gpt',
    embeddingModel: 'embedding-gpt',
    provider: 'openai',
    path: '/openai/v1',
    keyName: 'OPENAI_API_KEY',
  },
  {
    name: 'openai-responses',
    title: 'OpenAI Responses',
    dialect: 'openai-responses',
    model: 'thinking-gpt',
    provider: 'openai',
    path: '/openai/v1',
    keyName: 'OPENAI_API_KEY',
  },
  {
    name: 'anthropic-messages',
    title: 'Anthropic Messages',
    dialect: 'anthropic-messages',
    model: 'some-claude',
    provider: 'anthropic',
    path: '/anthropic/v1',
    keyName: 'ANTHROPIC_API_KEY',
  },
  {
    name: 'gemini-generate',
    title: 'Google Gemini',
    dialect: 'gemini-generate',
    model: 'some-gemini',
    embeddingModel: 'embedding-gemini',
    provider: 'google',
    path: '/google/v1beta',
    keyName: 'GEMINI_API_KEY',
  },
  {
    name: 'cohere-chat',
    title: 'Cohere Chat',
    dialect: 'cohere-chat',
    model: 'some-command',
    embeddingModel: 'embedding-command',
    provider: 'cohere',
    path: '/cohere/v2',
    keyName: 'COHERE_API_KEY',
  },
  {
    name: 'mistral',
    title: 'Mistral, in the manner of OpenAI Chat',
    dialect: 'openai-chat',
    model: 'some-mistral',
    embeddingModel: 'embedding-mistral',
    provider: 'mistral',
    path: '/mistral/v1',
    keyName: 'MISTRAL_API_KEY',
  },
]
