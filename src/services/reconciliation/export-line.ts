/** A line of a provider's own usage or cost export, in one form for all of them. */

export interface ExportLine {
  /** The UTC day, `2026-11-22`. */
  readonly day: string
  /** The last day that the line covers, where it covers more than one; null otherwise. */
  readonly lastDay: string | null
  /** The model in the provider's words; null where the line names none. */
  readonly model: string | null
  /** The API key, workspace and project that the line is for, by all their names and ids, the narrowest first. */
  readonly keys: readonly string[]
  /** Null is what the export does not say. */
  readonly requests: number | null
  /** Everything that was read, cached reads and writes included. */
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costNanoUsd: number | null
  /** The whole line as text: two lines of one text are one line twice. */
  readonly text: string
}

/** The providers whose exports are read. */
export const exportProviders = ['openai', 'anthropic', 'gemini', 'cohere'] as const
export type ExportProvider = (typeof exportProviders)[number]
