/** The meter: what an answer has used so far, from the provider's own count where there is one, else from what passed by. */
import type { ChatAnswer, ChatEvent, Finish } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Workload } from '#core/gateway/workload.ts'

export interface Meter {
  /** Pieces of content seen: each is at least one token. */
  deltas: number
  characters: number
  usage: Usage
  finish: Finish | undefined
  hasContent: boolean
}

/** Ordinary text has about four characters to a token; no tokeniser packs more than about eight on average. */
const charactersPerToken = 4
const charactersPerTokenAtMost = 8

export function createMeter(): Meter {
  return { deltas: 0, characters: 0, usage: unknownUsage, finish: undefined, hasContent: false }
}

/** Counts one batch of a stream. */
export function countEvents(meter: Meter, events: readonly ChatEvent[]): void {
  for (const event of events) {
    switch (event.type) {
      case 'native':
        meter.deltas += event.deltas
        if (event.deltas > 0) meter.hasContent = true
        break
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
        addContent(meter, event.text.length)
        break
      case 'tool-call-delta':
        addContent(meter, event.argumentsText.length)
        break
      case 'tool-call-start':
        addContent(meter, event.name.length)
        break
      case 'part':
      case 'media-delta':
        addContent(meter, 0)
        break
      case 'usage':
        meter.usage = event.usage
        break
      case 'finish':
        meter.finish ??= event.finish
        break
      case 'start':
      case 'carry':
      case 'citation':
      case 'logprobs':
      case 'extras':
      case 'resumed':
    }
  }
}

function addContent(meter: Meter, characters: number): void {
  meter.deltas++
  meter.characters += characters
  meter.hasContent = true
}

/** Counts a whole answer. */
export function countAnswer(meter: Meter, answer: ChatAnswer): void {
  meter.usage = answer.usage
  meter.finish = answer.native?.finish ?? answer.choices[0]?.finish
  meter.hasContent = true
  if (answer.usage.outputTokens) return
  for (const choice of answer.choices) for (const part of choice.parts) meter.characters += lengthOf(part)
}

function lengthOf(part: Part): number {
  if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') return part.text.length
  return part.type === 'tool_call' ? part.name.length + part.argumentsText.length : 0
}

/** Output tokens that have surely been produced: never more than the truth, so that a cut is never unjust. */
export function surelyProduced(meter: Meter): number {
  return Math.max(meter.deltas, Math.floor(meter.characters / charactersPerTokenAtMost))
}

/**
 * The usage to charge: counts that the provider left out are estimated, and said to be. Of an answer that broke off,
 * a count from its beginning or middle says nothing about what came after it.
 */
export function usageToCharge(
  meter: Meter,
  { estimate, searchUnitsBound }: Pick<Workload, 'estimate' | 'searchUnitsBound'>,
  isWhole: boolean,
): { usage: Usage; isEstimated: boolean } {
  const usage = withoutZeros(meter, withSearchUnits(meter.usage, searchUnitsBound))
  const isFinal = isWhole || meter.finish !== undefined
  const produced = Math.max(meter.deltas, Math.ceil(meter.characters / charactersPerToken))
  const reported = usage.outputTokens
  const outputTokens = reported === null || (!isFinal && reported < produced) ? produced : reported
  if (isFinal && usage.inputTokens !== null && outputTokens === reported) return { usage, isEstimated: false }
  return {
    usage: { ...usage, inputTokens: usage.inputTokens ?? estimate.likely, outputTokens },
    isEstimated: true,
  }
}

/** No words are made of nothing: a provider that counts 0 of them has not counted. */
function withoutZeros({ deltas, characters }: Meter, usage: Usage): Usage {
  const hasWords = deltas > 0 || characters > 0
  if (!hasWords || usage.billed || (usage.inputTokens !== 0 && usage.outputTokens !== 0)) return usage
  return { ...usage, inputTokens: usage.inputTokens || null, outputTokens: usage.outputTokens || null }
}

/** A ranking whose provider does not say what it billed is charged as the most that it may have been. */
function withSearchUnits(usage: Usage, searchUnitsBound: number): Usage {
  return searchUnitsBound === 0 || usage.searchUnits !== undefined
    ? usage
    : { ...usage, searchUnits: searchUnitsBound }
}
