/** Where a door's API has no place for what a provider said, or says it in its own way: every such case, with its reason. */
import { isDeepStrictEqual } from 'node:util'

import type { Dialect } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import { builtInProviders } from '#services/llm-adapters/cousins.ts'
import type { ExpectedUsage, Recording } from '#tests/support/recording.ts'
import type { Difference, HeardField } from './replay-comparison.ts'

/** A caller of the provider's own dialect hears its bytes, unless its answer was kept and is told in words. */
export type HeardIn = 'words' | 'bytes'

export interface ToldDifferently {
  /** Undefined is every door. */
  readonly door?: Dialect
  /** The dialect of the provider; undefined is any. */
  readonly from?: Dialect
  readonly fields: readonly HeardField[]
  /** Undefined is always. */
  readonly when?: (difference: Difference, recording: Recording, door: Dialect) => boolean
  /** Only where the provider's own bytes are heard, or only where they never are; undefined is both. */
  readonly heardIn?: HeardIn
  readonly reason: string
}

/** The calls are the recorded ones, but for free text, which stands as `input` in an object. */
function isFreeTextWrapped({ heard }: Difference, { expect }: Recording): boolean {
  const calls = (expect.toolCalls ?? []).filter(({ kind }) => kind !== 'item')
  return calls.every(({ id, name, kind, argumentsText }, place) => {
    const call = asObject((heard as readonly unknown[])[place])
    const isSame = call?.['name'] === name && (id === null || call['id'] === id)
    return isSame && (kind !== 'custom' || isDeepStrictEqual(call['input'], { input: argumentsText }))
  })
}

/** Usage of nothing at all. */
export function countsNothing(usage: ExpectedUsage | undefined): boolean {
  return usage !== undefined && usage.inputTokens === 0 && usage.outputTokens === 0
}

function countsMoreCachedThanRead(usage: ExpectedUsage | undefined): boolean {
  return usage !== undefined && usage.cachedInputTokens + usage.cacheWriteTokens > usage.inputTokens
}

/** Whether a caller of the same dialect gets the provider's bytes; some providers' own forms are put into the dialect's. */
export function passesUntouched({ provider, dialect }: Recording): boolean {
  const row = builtInProviders.find(({ name }) => name === provider)
  return row?.dialect !== dialect || !row.quirks.has('own_answer_forms')
}

const hasServerItems = ({ expect }: Recording) =>
  (expect.serverTools?.length ?? 0) + (expect.otherItems?.length ?? 0) > 0

export const toldDifferently: readonly ToldDifferently[] = [
  {
    fields: [
      'text',
      'reasoning',
      'carried',
      'calls',
      'finish',
      'inputTokens',
      'outputTokens',
      'cachedInputTokens',
      'reasoningTokens',
    ],
    when: (_, recording, door) => recording.dialect === door && passesUntouched(recording),
    heardIn: 'bytes',
    reason: "A provider of the door's own dialect is heard in its own bytes, with its own liberties.",
  },
  {
    fields: ['inputTokens', 'outputTokens'],
    when: (_, { expect }) => countsNothing(expect.usage ?? undefined),
    reason: 'Nothing counted for an answer with words is no count: what is charged in its place is told.',
  },
  {
    door: 'openai-chat',
    fields: ['finish'],
    when: ({ heard, expected }) => heard === 'stop' && (expected === 'pause' || expected === 'other'),
    reason: 'A chat completion knows no word for a pause and none for other reasons: it stopped.',
  },
  {
    door: 'openai-chat',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'tool_calls' && expected === 'stop' && (expect.toolCalls?.length ?? 0) > 0,
    reason: 'Beside tool calls the word stop would end the loop of an application that should run them.',
  },
  {
    door: 'anthropic-messages',
    fields: ['calls'],
    when: isFreeTextWrapped,
    reason: 'The input of a tool of Anthropic is an object: free text stands in it as `input`.',
  },
  {
    door: 'anthropic-messages',
    fields: ['inputTokens'],
    when: (_, { expect }) => countsMoreCachedThanRead(expect.usage ?? undefined),
    reason:
      'Anthropic counts cached input apart; of a provider that counts more cached than read, that is the sum.',
  },
  {
    door: 'openai-responses',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'tool_calls' && expected === 'stop' && (expect.toolCalls?.length ?? 0) > 0,
    reason: 'A response is complete with its calls; an application sees by them that it must go on.',
  },
  {
    door: 'gemini-generate',
    fields: ['calls'],
    when: isFreeTextWrapped,
    reason: 'A function call of Gemini has an object of arguments: free text stands in it as `input`.',
  },
  {
    door: 'gemini-generate',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'tool_calls' && expected === 'stop' && (expect.toolCalls?.length ?? 0) > 0,
    reason: 'STOP is the word of Gemini for both; the calls beside it tell that they must be run.',
  },
  {
    door: 'gemini-generate',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'stop' && expected === 'tool_calls' && expect.toolCalls?.every(isItem) === true,
    reason: 'Calls that only Responses knows are no function calls; they travel in a signature, unseen.',
  },
  {
    door: 'cohere-chat',
    fields: ['carried'],
    when: (_, recording) => hasServerItems(recording),
    reason:
      'Cohere knows no tools that a provider runs itself, so none can be asked for; tokens on them end here.',
  },
  {
    door: 'cohere-chat',
    fields: ['calls'],
    when: isFreeTextWrapped,
    reason: 'Arguments are JSON at Cohere: free text stands in an object as `input`.',
  },
  {
    door: 'cohere-chat',
    fields: ['finish'],
    when: ({ heard, expected }) => heard === 'stop' && (expected === 'pause' || expected === 'other'),
    reason: 'Cohere knows no word for a pause and none for other reasons: the answer is complete.',
  },
  {
    door: 'cohere-chat',
    fields: ['finish'],
    when: ({ heard, expected }) => heard === 'error' && expected === 'content_filter',
    reason: 'Cohere knows no word for a filter; what it cut is no complete answer, and ERROR says so.',
  },
  {
    door: 'cohere-chat',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'tool_calls' && expected === 'stop' && (expect.toolCalls?.length ?? 0) > 0,
    reason: 'COMPLETE beside tool calls would end the loop of an application that should run them.',
  },
  {
    door: 'anthropic-messages',
    heardIn: 'words',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'tool_calls' && expected === 'stop' && (expect.toolCalls?.length ?? 0) > 0,
    reason: 'Beside a tool_use block, end_turn would end the loop of an application that should run it.',
  },
  {
    door: 'openai-responses',
    heardIn: 'words',
    fields: ['finish'],
    when: ({ heard, expected }, { dialect }) =>
      heard === 'stop' && expected === 'pause' && dialect === 'openai-responses',
    reason: 'A response that is still being made in the background is no answer that could be streamed.',
  },
  {
    door: 'openai-responses',
    heardIn: 'words',
    fields: ['finish'],
    when: ({ heard, expected }, { expect }) =>
      heard === 'stop' && expected === 'tool_calls' && expect.toolCalls?.every(isItem) === true,
    reason: 'Calls in a form of their own are items of the output, where an application looks for them.',
  },
]

const isItem = ({ kind }: { readonly kind?: string | undefined }) => kind === 'item'

/** The entry that permits a difference; undefined when none does. */
export function permitted(
  difference: Difference,
  recording: Recording,
  door: Dialect,
  heardIn: HeardIn = 'bytes',
): ToldDifferently | undefined {
  return toldDifferently.find(
    (entry) =>
      (entry.heardIn ?? heardIn) === heardIn &&
      (entry.door ?? door) === door &&
      (entry.from ?? recording.dialect) === recording.dialect &&
      entry.fields.includes(difference.field) &&
      (entry.when?.(difference, recording, door) ?? true),
  )
}
