/** What each dialect takes as names, and where it takes media. */
import type { Dialect } from '#core/domain/chat.ts'
import type { Target } from '#core/domain/target.ts'

export interface FittingRule {
  readonly toolName: RegExp
  readonly toolNameLength: number
  readonly schemaName: RegExp
  readonly schemaNameLength: number
  /** Tools of free text travel as functions with one argument. */
  readonly takesFunctionsOnly: boolean
  /** Whether an assistant's turn may hold media that the model made. */
  readonly takesMediaInAnswers: boolean
  /** Whether media may stand in the result of a tool, or the adapter itself finds a place for them. */
  readonly takesMediaInResults: boolean
}

const anyName = /^/
const plain64 = /^[a-zA-Z0-9_-]{1,64}$/

const openAi = {
  toolName: plain64,
  toolNameLength: 64,
  schemaName: plain64,
  schemaNameLength: 64,
  takesFunctionsOnly: false,
  takesMediaInAnswers: false,
  takesMediaInResults: true,
} as const satisfies FittingRule

const others = { ...openAi, schemaName: anyName, takesFunctionsOnly: true }

/** Sources: each provider's API reference, on the names of tools. */
const rules: Readonly<Record<Dialect, FittingRule>> = {
  'openai-chat': openAi,
  'openai-responses': openAi,
  'anthropic-messages': { ...others, toolName: /^[a-zA-Z0-9_-]{1,128}$/, toolNameLength: 128 },
  'gemini-generate': {
    ...others,
    toolName: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/,
    toolNameLength: 128,
    takesMediaInAnswers: true,
  },
  'cohere-chat': {
    ...others,
    toolName: /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/,
    toolNameLength: 128,
    takesMediaInResults: false,
  },
}

const functionsOnly: FittingRule = { ...openAi, takesFunctionsOnly: true }

export function fittingRuleOf({ provider }: Target): FittingRule {
  const rule = rules[provider.dialect]
  return rule === openAi && provider.quirks.has('functions_only') ? functionsOnly : rule
}
