/** Settings that OpenAI's two APIs share, taken over when a request in one of them is asked in the other. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'

/** Under one name in both. */
const sharedNames = [
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'metadata',
] as const

export interface OpenAiSettings {
  readonly members: JsonObject
  /** `verbosity` in chat completions, `text.verbosity` in Responses. */
  readonly verbosity?: string | undefined
}

const none: OpenAiSettings = { members: {} }

/** Nothing where the provider speaks only one of the two: there these are the words of another provider. */
export function openAiSettings({ native }: ChatQuestion, { provider }: Target): OpenAiSettings {
  if (!native || !provider.quirks.has('speaks_responses')) return none
  if (native.dialect !== 'openai-chat' && native.dialect !== 'openai-responses') return none
  const { body } = native
  const members: Record<string, JsonValue> = {}
  for (const name of sharedNames) {
    const value = body[name]
    if (value !== undefined && value !== null) members[name] = value
  }
  const verbosity = asString(body['verbosity']) ?? asString(asObject(body['text'])?.['verbosity'])
  return { members, verbosity }
}
