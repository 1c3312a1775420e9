/** What an errand needs of a model, and how many tokens and search units it may count as before anybody has counted. */
import type { Part } from '#core/domain/chat.ts'
import type { EmbedErrand, Errand, ErrandInput, ModerateErrand, RerankErrand } from '#core/domain/errand.ts'
import { estimateInput, mediaTokens } from '#core/domain/estimate.ts'
import type { TokenEstimate } from '#core/domain/estimate.ts'
import type { Ability } from '#core/domain/model-card.ts'
import { abilitiesNeeded, addPartNeeds } from '#core/domain/needs.ts'
import { addText, likelyTokens, mostTokens, noText, textLengthOf } from '#core/domain/text-tokens.ts'
import type { TextLength } from '#core/domain/text-tokens.ts'

export function errandNeeds(errand: Errand): ReadonlySet<Ability> {
  if (errand.kind === 'count-tokens') return abilitiesNeeded(errand.question)
  const needs = new Set<Ability>([abilityOf[errand.kind]])
  if (errand.kind === 'rerank') return needs
  for (const input of errand.inputs) {
    if (input.kind === 'mixed') for (const part of input.parts) addPartNeeds(needs, part)
  }
  return needs
}

const abilityOf = { embed: 'embeddings', rerank: 'rerank', moderate: 'moderation' } as const

export interface ErrandEstimate {
  readonly estimate: TokenEstimate
  /** The longest input that must fit a model's window; 0 where the model cuts what is too long. */
  readonly longestTokens: number
  readonly searchUnitsBound: number
}

export function estimateErrand(errand: Errand): ErrandEstimate {
  if (errand.kind === 'rerank') return estimateRerank(errand)
  if (errand.kind === 'count-tokens') {
    return { estimate: estimateInput(errand.question), longestTokens: 0, searchUnitsBound: 0 }
  }
  let likely = 0
  let bound = 0
  let longest = 0
  for (const input of errand.inputs) {
    const one = estimateOf(input)
    likely += one.likely
    bound += one.bound
    longest = Math.max(longest, one.likely)
  }
  return { estimate: { likely, bound }, longestTokens: isCut(errand) ? 0 : longest, searchUnitsBound: 0 }
}

/** Gemini cuts what is too long by itself, and callers of its API may count on that. */
function isCut(errand: EmbedErrand | ModerateErrand): boolean {
  if (errand.kind === 'moderate') return false
  const { truncate, native } = errand
  return truncate === 'start' || truncate === 'end' || native?.dialect === 'gemini-generate'
}

/** Marks that a tokeniser may add around an input. */
const tokensAround = 8

function estimateOf(input: ErrandInput): TokenEstimate {
  if (input.kind === 'tokens')
    return { likely: input.tokens.length, bound: input.tokens.length + tokensAround }
  if (input.kind === 'text') return estimateText(textLengthOf(input.text))
  const length = noText()
  let media = 0
  for (const part of input.parts) {
    if (part.type === 'text') addText(length, part.text)
    else media += tokensOfMedia(part)
  }
  const text = estimateText(length)
  return { likely: text.likely + media, bound: text.bound + media }
}

function estimateText(length: TextLength): TokenEstimate {
  return {
    likely: Math.ceil(likelyTokens(length)),
    bound: Math.ceil(mostTokens(length)) + tokensAround,
  }
}

const tokensOfMedia = (part: Part) =>
  part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'document'
    ? mediaTokens[part.type]
    : 0

/** Source: Cohere pricing page, "What is a search?": a query with up to 100 documents. */
const documentsPerSearchUnit = 100
/** A document longer than this together with its query counts as several. */
const tokensPerChunk = 500
/** However long the query is, a chunk is taken to hold at least this much of the document. */
const documentTokensPerChunkLeast = 100
const usualTokensPerDocumentMax = 4_096

function estimateRerank(errand: RerankErrand): ErrandEstimate {
  const query = estimateText(textLengthOf(errand.query))
  const cut = errand.tokensPerDocumentMax ?? usualTokensPerDocumentMax
  const perChunk = Math.max(documentTokensPerChunkLeast, tokensPerChunk - query.bound)
  let likely = 0
  let bound = 0
  let chunks = 0
  for (const document of errand.documents) {
    const one = estimateText(textLengthOf(document))
    likely += query.likely + Math.min(one.likely, cut)
    bound += query.bound + one.bound
    chunks += Math.max(1, Math.ceil(Math.min(one.bound, cut) / perChunk))
  }
  return {
    estimate: { likely, bound },
    longestTokens: query.likely,
    searchUnitsBound: Math.max(1, Math.ceil(chunks / documentsPerSearchUnit)),
  }
}
