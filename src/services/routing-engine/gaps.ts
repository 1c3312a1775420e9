/** What keeps a model from answering a wish, and the errors that say so. */
import { paramFor, wordsFor } from '#core/domain/dialect-support.ts'
import { commonFeatures } from '#core/domain/feature.ts'
import type { Feature } from '#core/domain/feature.ts'
import { Problem } from '#core/domain/problem.ts'
import { ableWay } from '#core/domain/spoken-dialect.ts'
import type { Ability, ModelCard } from '#core/domain/model-card.ts'
import { abilitiesOf, maskOf } from '#services/routing-engine/ability-mask.ts'
import type { Member } from '#services/routing-engine/meaning.ts'
import { permitsOf } from '#services/routing-engine/model-patterns.ts'
import type { Permits } from '#services/routing-engine/model-patterns.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { RoutingWish } from '#services/routing-engine/routing-wish.ts'

export type Gap =
  | 'not_permitted'
  | 'retired'
  | 'nobody_to_ask'
  | 'lacks_ability'
  | 'refuses_feature'
  | 'too_long'

/** A wish in the form in which models are held against it. */
export interface Demand {
  readonly wish: RoutingWish
  readonly mask: number
  readonly permits: Permits
}

/**
 * Input counts are estimates from lengths, and media count as the most they may be: a model that was asked for by
 * name is only refused when the estimate passes its window by this much.
 */
export const windowSlack = 1.25

export function demandOf(wish: RoutingWish): Demand {
  // Whatever else a question asks, its answer is text; an errand's is not.
  const mask = maskOf(wish.needs)
  return {
    wish,
    mask: (mask & errandMask) === 0 ? mask | textMask : mask,
    permits: permitsOf(wish.allowedModels),
  }
}
const textMask = maskOf(new Set(['text']))
const errandMask = maskOf(new Set(['embeddings', 'rerank', 'moderation']))

/** The first reason against a model, or undefined when it can answer. `slack` widens its window. */
export function gapOf(model: RoutedModel, { wish, mask, permits }: Demand, slack: number): Gap | undefined {
  if (!permits.model(model)) return 'not_permitted'
  if (model.retiresAtMs <= wish.nowMs) return 'retired'
  if (model.target === undefined) return 'nobody_to_ask'
  if ((model.abilityMask & mask) !== mask) return 'lacks_ability'
  if (!ableWay(model.ways, wish)) return 'refuses_feature'
  return wish.inputTokens > model.card.contextTokens * slack ? 'too_long' : undefined
}

/** The error for a model that was asked for by name. `others` are searched for models that can. */
export function refuseModel(
  model: RoutedModel,
  gap: Gap,
  demand: Demand,
  others: readonly Member[],
): Problem {
  const { card, obstacle } = model
  const facts = { model: card.name, provider: card.provider }
  switch (gap) {
    case 'not_permitted':
      return new Problem('model_not_permitted', { detail: `This key may not use ${card.name}.`, facts })
    case 'retired':
      return new Problem('model_not_found', {
        detail: `${card.name} was retired by its provider on ${card.retiresOn ?? ''}.`,
        nearest: ableNames(model, demand, others),
        param: 'model',
        facts,
      })
    case 'nobody_to_ask':
      return new Problem('provider_not_configured', { ...obstacle, facts })
    case 'lacks_ability': {
      const lacking = abilitiesOf(demand.mask & ~model.abilityMask)
      // What no model of this API can do is said in the words, and with the place, of the API that was called.
      const isOtherWork = workSentences.some(([ability]) => lacking.includes(ability))
      if (!isOtherWork && refusedFeatures(model, demand).length > 0) {
        return refuseModel(model, 'refuses_feature', demand, others)
      }
      return new Problem('unsupported_feature', {
        detail: lackSentence(card, lacking),
        nearest: ableNames(model, demand, others),
        param: 'model',
        facts: { ...facts, lacking },
      })
    }
    case 'refuses_feature': {
      const lacking = refusedFeatures(model, demand)
      return new Problem('unsupported_feature', {
        detail: `${card.name} cannot be given ${wordsFor(lacking)}.`,
        nearest: ableNames(model, demand, others),
        param: paramFor(lacking, demand.wish.dialect) ?? 'model',
        facts: { ...facts, lacking },
      })
    }
    case 'too_long':
      return new Problem('context_length_exceeded', {
        detail: `The request is about ${demand.wish.inputTokens} tokens long; ${card.name} reads ${card.contextTokens}.`,
        nearest: ableNames(model, demand, others),
        facts: { ...facts, contextTokens: card.contextTokens, inputTokens: demand.wish.inputTokens },
      })
  }
}

/** Which work a model is for decides more than any feature of it, so that is said first. */
function lackSentence(card: ModelCard, lacking: readonly Ability[]): string {
  for (const [ability, sentence] of workSentences)
    if (lacking.includes(ability)) return `${card.name} ${sentence}`
  return `${card.name} cannot do ${lacking.map((ability) => ability.replaceAll('_', ' ')).join(', ')}.`
}

const workSentences: ReadonlyArray<readonly [Ability, string]> = [
  ['text', 'does not answer questions in text: it is for other work.'],
  ['embeddings', 'is no embedding model.'],
  ['rerank', 'does not rank documents.'],
  ['moderation', 'is no moderation model.'],
]

/** The error for a route of which no member can answer. The gap that a caller can most likely mend is told. */
export function refuseRoute(name: string, members: readonly Member[], demand: Demand): Problem {
  const gaps = members.map(({ model }) => gapOf(model, demand, 1))
  if (gaps.includes('too_long')) {
    const able = members.filter((_, position) => gaps[position] === 'too_long')
    const contextTokens = Math.max(...able.map(({ model }) => model.card.contextTokens))
    const { inputTokens } = demand.wish
    return new Problem('context_length_exceeded', {
      detail: `The request is about ${inputTokens} tokens long; the models of ${name} read at most ${contextTokens}.`,
      facts: { route: name, contextTokens, inputTokens },
    })
  }
  if (gaps.includes('lacks_ability')) {
    const needs = abilitiesOf(demand.mask)
    return new Problem('no_capable_model', {
      detail: `No model of ${name} can do all of this: ${needs.join(', ')}.`,
      facts: { route: name, needs },
    })
  }
  if (gaps.includes('refuses_feature')) {
    const refusals = members.filter((_, position) => gaps[position] === 'refuses_feature')
    const lacking = new Set(refusals.flatMap(({ model }) => refusedFeatures(model, demand)))
    const features = [...lacking]
    const param = paramFor(features, demand.wish.dialect)
    return new Problem('no_capable_model', {
      detail: `No model of ${name} can be given all of this: ${wordsFor(features)}.`,
      facts: { route: name, needs: features },
      ...(param === undefined ? {} : { param }),
    })
  }
  if (gaps.includes('not_permitted')) {
    return new Problem('model_not_permitted', {
      detail: `This key may use no model of ${name}.`,
      facts: { route: name },
    })
  }
  const [first] = members
  return new Problem('provider_not_configured', {
    detail: `No provider with a model for ${name} is configured here.`,
    mend:
      first?.model.obstacle?.mend ??
      'Set the key of a provider, such as OPENAI_API_KEY or ANTHROPIC_API_KEY.',
    facts: { route: name },
  })
}

/** What stands in the way of the least refusing way to ask the model. */
function refusedFeatures({ ways }: RoutedModel, { wish }: Demand): readonly Feature[] {
  const refusals = ways.map((way) => {
    const isNative = way.target.provider.dialect === wish.nativeDialect
    return commonFeatures(isNative ? way.refusedNatively : way.refused, wish.features)
  })
  return refusals.sort((a, b) => a.length - b.length)[0] ?? []
}

/** Whether something else than an answer to a question is wished for. */
export const isErrand = ({ mask }: Demand): boolean => (mask & errandMask) !== 0

/** The error for an errand by a route that chooses among all models: it chooses by how well they answer questions. */
export function refuseFreeChoice(route: string, members: readonly Member[], demand: Demand): Problem {
  const able = members.filter(({ model }) => gapOf(model, demand, 1) === undefined)
  return new Problem('invalid_value', {
    param: 'model',
    detail: demand.wish.needs.has('embeddings')
      ? `${route} chooses among models, and vectors of different models cannot be compared.`
      : `${route} chooses among models that answer questions.`,
    mend: 'Name the model.',
    nearest: able.slice(0, namesAtMost).map(({ model }) => model.card.name),
  })
}

const namesAtMost = 5

/** Models that can answer: of the same provider first, then those of the nearest quality. */
function ableNames(model: RoutedModel, demand: Demand, others: readonly Member[]): readonly string[] {
  const distance = (other: RoutedModel) =>
    Math.abs(other.quality - model.quality) + (other.card.provider === model.card.provider ? 0 : 1)
  return others
    .map((member) => member.model)
    .filter((other) => gapOf(other, demand, 1) === undefined)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, namesAtMost)
    .map(({ card }) => card.name)
}
