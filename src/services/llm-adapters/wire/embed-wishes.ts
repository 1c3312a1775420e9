/** What an embedding request may wish of a target, and the errors that say by name what it may not. */
import type { Dialect } from '#core/domain/chat.ts'
import type { EmbedErrand, ErrandInput, VectorForm } from '#core/domain/errand.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'

/** What a wish is called in the API that the caller speaks. */
const paramNames = {
  dimensions: { 'gemini-generate': 'outputDimensionality', 'cohere-chat': 'output_dimension' },
  purpose: { 'gemini-generate': 'taskType' },
  inputs: { 'gemini-generate': 'requests', 'cohere-chat': 'texts' },
} as const satisfies Record<string, Partial<Record<Dialect, string>>>

const usualNames = { dimensions: 'dimensions', purpose: 'input_type', inputs: 'input' } as const

export function paramOf(wish: keyof typeof usualNames, errand: EmbedErrand): string {
  const names: Partial<Record<Dialect, string>> = paramNames[wish]
  return (errand.native && names[errand.native.dialect]) ?? usualNames[wish]
}

/** Throws `invalid_value` for a count of dimensions that the model's card rules out. */
export function refuseDimensions(errand: EmbedErrand, { card }: Target): void {
  const { dimensions } = errand
  const facts = card.embedding
  if (dimensions === undefined || !facts || dimensions === facts.dimensions) return
  const { dimensionsChoices: choices, dimensionsLeast: least } = facts
  const most = facts.dimensionsMost ?? facts.dimensions
  const isOffered = choices
    ? choices.includes(dimensions)
    : least !== undefined && dimensions >= least && dimensions <= most
  if (isOffered) return
  const offered = choices
    ? choices.join(', ')
    : least === undefined
      ? `${facts.dimensions} alone`
      : `${least} to ${most}`
  const param = paramOf('dimensions', errand)
  throw new Problem('invalid_value', {
    param,
    detail: `${param} is ${dimensions}; ${card.name} makes vectors of ${offered} numbers.`,
    mend: 'Ask for a count that the model offers, or leave it out.',
    facts: { model: card.name, dimensions: facts.dimensions },
  })
}

/** Throws `unsupported_feature` for number forms that the target does not make; nothing is quantised here. */
export function refuseQuantised(errand: EmbedErrand, target: Target): void {
  const form = errand.forms.find(isQuantised)
  if (form === undefined) return
  throw unsupported(target, {
    param: 'embedding_types',
    detail: `${target.card.name} makes no vectors of the form ${form}, and none are made from others here.`,
    mend: 'Ask for float or base64, or for a model of Cohere.',
  })
}

const isQuantised = (form: VectorForm) => form !== 'float' && form !== 'base64'

/** Throws `unsupported_feature` for a wish that only another dialect can say. */
export function refuseOwnWish(errand: EmbedErrand, target: Target): void {
  if (errand.ownWish === undefined) return
  throw unsupported(target, {
    param: errand.ownWish,
    detail: `${target.provider.title} cannot be asked with ${errand.ownWish} as it stands here.`,
    mend: 'Leave it out, or choose a model of the API that you speak.',
  })
}

/** Throws `unsupported_feature` when the document has a title. */
export function refuseTitle(errand: EmbedErrand, target: Target): void {
  if (errand.title === undefined) return
  throw unsupported(target, {
    param: 'title',
    detail: `${target.provider.title} takes no title of a document beside its text.`,
    mend: 'Leave the title out, or put it into the text.',
  })
}

export interface InputPlace {
  readonly errand: EmbedErrand
  readonly target: Target
}

/** The error for an input of a kind that the target does not take. */
export function refusedInput(input: ErrandInput, position: number, { errand, target }: InputPlace): Problem {
  const what =
    input.kind === 'tokens'
      ? 'tokens, which mean something to the model that they were made for alone'
      : 'other than one text'
  return unsupported(target, {
    param: `${paramOf('inputs', errand)}[${position}]`,
    detail: `Input ${position} is ${what}; ${target.provider.title} takes text here.`,
    mend: 'Send text, or choose a model that takes this.',
  })
}

export function unsupported(
  { card, provider }: Target,
  details: { readonly param: string; readonly detail: string; readonly mend: string },
): Problem {
  return new Problem('unsupported_feature', {
    ...details,
    facts: { model: card.name, provider: provider.name },
  })
}

/** Members that the target is asked without, by name. */
export function droppedOf(errand: EmbedErrand, ...names: readonly (string | undefined)[]): readonly string[] {
  return [...names, ...(errand.unsaid ?? [])].filter((name) => name !== undefined)
}

/** Inputs in batches of at most this many, in order. */
export function batchesOf<T>(inputs: readonly T[], most: number): ReadonlyArray<readonly T[]> {
  const batches: Array<readonly T[]> = []
  for (let from = 0; from < inputs.length; from += most) batches.push(inputs.slice(from, from + most))
  return batches
}
