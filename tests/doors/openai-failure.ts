/** What the official OpenAI client throws, as an application understands it. */
import { APIError } from 'openai'

import type { HeardFailure } from './door-reader.ts'

export function heardFailure(thrown: unknown, textBefore: string): HeardFailure {
  if (thrown instanceof APIError) {
    const word = thrown.code ?? thrown.type ?? thrown.constructor.name
    const status: unknown = thrown.status
    return {
      kind: 'failure',
      status: typeof status === 'number' ? status : undefined,
      word,
      message: thrown.message,
      textBefore,
    }
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    kind: 'failure',
    status: undefined,
    word: error.constructor.name,
    message: error.message,
    textBefore,
  }
}
