/** What is looked for in a target's body: words that stand in it, or a path with its value. */
import type { Feature } from '../../../src/core/domain/feature.ts'
import type { JsonValue } from '../../../src/core/domain/json.ts'
import { hello, sql, sunny } from './feature-forms.ts'

/** Words, escaped as JSON text has them; or a path and the value there; or a path where there must be nothing. */
export type Look =
  | string
  | readonly [path: string, value: JsonValue]
  | { readonly nothingAt: string }
  | { readonly isWithout: string }

export type TargetLooks = Readonly<Partial<Record<Feature, readonly Look[]>>>

export const inJson = (words: string) => JSON.stringify(words).slice(1, -1)
export const both = [hello, '"get_weather"', '"get_time"'] as const
export const result = ['"get_weather"', 'Oslo', sunny] as const
export const wrappedSql = JSON.stringify({ input: sql })
