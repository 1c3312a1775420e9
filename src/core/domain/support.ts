/** What becomes of a feature at a target: the three outcomes, and one row of the table for each feature. */
import type { Dialect } from '#core/domain/chat.ts'

export type Support =
  /** Said in the target's own words; `how` where these differ from what a reader would expect. */
  | { readonly outcome: 'done'; readonly how?: string }
  /** The target is not asked: the question is refused, or goes to a target that can. */
  | { readonly outcome: 'refused' }
  /** Left out and reported in `x-signalbox-dropped` under this name. */
  | { readonly outcome: 'passed-over'; readonly named: string; readonly source: string }

export interface FeatureRow {
  /** Plain words that complete "the model cannot be given ..." */
  readonly words: string
  readonly targets: Readonly<Record<Dialect, Support>>
  /** Where each API says it; left out where an API cannot say it. */
  readonly params?: Params
}

export type Params = Readonly<Partial<Record<Dialect, string>>>

export const done: Support = { outcome: 'done' }
export const refused: Support = { outcome: 'refused' }
export const doneBy = (how: string): Support => ({ outcome: 'done', how })
export const passedOver = (named: string, source: string): Support => ({
  outcome: 'passed-over',
  named,
  source,
})

/** One support for each target, in the order of the reference: chat, Responses, Anthropic, Gemini, Cohere. */
type FiveSupports = readonly [Support, Support, Support, Support, Support]

export function row(words: string, params: Params, supports: FiveSupports): FeatureRow {
  const [chat, responses, anthropic, gemini, cohere] = supports
  return {
    words,
    params,
    targets: {
      'openai-chat': chat,
      'openai-responses': responses,
      'anthropic-messages': anthropic,
      'gemini-generate': gemini,
      'cohere-chat': cohere,
    },
  }
}

export const everywhere: FiveSupports = [done, done, done, done, done]

/** One target does it, all others get the second support. */
export function onlyAt(dialect: Dialect, elsewhere: Support): FiveSupports {
  const of = (other: Dialect) => (other === dialect ? done : elsewhere)
  return [
    of('openai-chat'),
    of('openai-responses'),
    of('anthropic-messages'),
    of('gemini-generate'),
    of('cohere-chat'),
  ]
}
