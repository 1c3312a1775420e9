/** The adapters' readers of what providers send: streams, whole replies, refusals. */
import { isDeepStrictEqual } from 'node:util'

import type { ChatEvent } from '#core/domain/answer.ts'
import type { Dialect } from '#core/domain/chat.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { ProviderQuirk } from '#core/domain/target.ts'
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { mutateBytes } from './byte-mutations.ts'
import type { Chance } from './chance.ts'
import { mutateStream } from './frame-mutations.ts'
import { attempt, fault, soundProblem } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'
import { mutateJsonText } from './json-mutations.ts'
import { judgeAnswer, judgeEvents } from './sound-events.ts'

const recordings = readGoldenRecordings()

export const streamInputs = (dialect: Dialect): readonly Buffer[] =>
  recordings
    .filter((recording) => recording.dialect === dialect && recording.reply.stream !== undefined)
    .map(({ reply }) => Buffer.from(replyBytes(reply)))

const wholeInputs = (dialect: Dialect, isGood: boolean): readonly Buffer[] =>
  recordings
    .filter(({ dialect: its, reply }) => its === dialect && reply.stream === undefined)
    .filter(({ reply }) => reply.status < 400 === isGood)
    .map(({ reply }) => Buffer.from(replyBytes(reply)))

export const mutateWhole = (input: Buffer, chance: Chance): Buffer => {
  const text = chance.isTrue(0.75) ? mutateJsonText(input.toString(), chance) : undefined
  return text === undefined ? mutateBytes(input, chance) : Buffer.from(text)
}

const oddQuirks: readonly ProviderQuirk[] = ['think_tags', 'reasoning_beside_output', 'audio_beside_input']

interface ReadingWish {
  readonly isNative: boolean
  readonly sizes: readonly number[]
  readonly quirks: readonly ProviderQuirk[]
}

interface Reading {
  /** One list for each piece. */
  readonly batches: ReadonlyArray<readonly ChatEvent[]>
  readonly events: readonly ChatEvent[]
  readonly problem: ProblemCode | undefined
}

/** Reads a stream in pieces of these sizes. */
export function readPieces(adapter: LlmAdapter, input: Buffer, wish: ReadingWish): Reading {
  let minted = 0
  const decoder = adapter.openStream({
    target: recordedTarget({ dialect: adapter.dialect, quirks: wish.quirks }),
    isNative: wish.isNative,
    isUsageWanted: true,
    mintId: () => `minted-${(minted += 1)}`,
  })
  const batches: ChatEvent[][] = []
  for (const piece of piecesOf(input, wish.sizes)) batches.push([...decoder.push(piece)])
  batches.push([...decoder.end()])
  if (decoder.isComplete === (decoder.problem !== undefined)) {
    fault(`complete: ${decoder.isComplete}, problem: ${decoder.problem?.code}`)
  }
  if (decoder.problem) soundProblem(decoder.problem)
  return { batches, events: batches.flat(), problem: decoder.problem?.code }
}

function streamSubject(dialect: Dialect): FuzzSubject {
  const adapter = adapters.for(dialect)
  return {
    name: `${dialect} stream`,
    inputs: streamInputs(dialect),
    mutate: mutateStream,
    run(input, chance) {
      const isNative = chance.isTrue(0.5)
      const quirks = oddQuirks.filter(() => chance.isTrue(0.3))
      const sizes = chance.pick([[], [7], [64], [1 + chance.below(300), 1 + chance.below(3)]])
      const reading = readPieces(adapter, input, { isNative, quirks, sizes })
      judgeEvents(reading.events, input.length)
      if (chance.isTrue(0.2)) judgeOtherPieces(adapter, input, { isNative, quirks, sizes })
      if (isNative) judgeBytes(reading.events, input)
      return reading.problem ?? 'complete'
    },
  }
}

/** Dialects whose frames may pass unread, counted by their form, which a spoilt one may have without saying anything. */
const countedByForm: ReadonlySet<Dialect> = new Set(['openai-chat', 'gemini-generate'])

/** Read byte by byte, or nearly so where that takes long, the same is said. */
function judgeOtherPieces(adapter: LlmAdapter, input: Buffer, wish: ReadingWish): void {
  const reading = readPieces(adapter, input, wish)
  const again = readPieces(adapter, input, { ...wish, sizes: input.length < 20_000 ? [1] : [13] })
  // What passes unread may be spoilt inside, which the careful reading refuses; the client sees for itself.
  if (wish.isNative && again.problem === 'provider_malformed') return
  const isCounted = !(wish.isNative && countedByForm.has(adapter.dialect))
  const [one, other] = [essence(reading, isCounted), essence(again, isCounted)]
  if (!isDeepStrictEqual(one, other)) {
    fault(`pieces of ${wish.sizes.join(', ')} read otherwise: ${differing(one, other)}`)
  }
}

/** What does not depend on how the bytes were cut. */
function essence({ events, problem }: Reading, isCounted: boolean): readonly unknown[] {
  let bytes = 0
  let deltas = 0
  const words: unknown[] = []
  // Cumulative: of several frames that pass together, the last counts are read.
  let usage: ChatEvent | undefined
  for (const event of events) {
    if (event.type === 'native') {
      // Where line endings are mixed, the LF of a CRLF may count as the beginning of what comes next.
      bytes += Buffer.from(event.bytes).toString('latin1').replaceAll('\n', '').length
      deltas += event.deltas
    } else if (event.type === 'usage') usage = event
    else words.push(event)
  }
  if (usage) words.push(usage)
  return [problem, { bytes, deltas: isCounted ? deltas : 0 }, ...words]
}

function differing(one: readonly unknown[], other: readonly unknown[]): string {
  const at = one.findIndex((item, place) => !isDeepStrictEqual(item, other[place]))
  return `${JSON.stringify(one[at])?.slice(0, 300)} and ${JSON.stringify(other[at])?.slice(0, 300)}`
}

/** What is handed on came from the provider, in its order: nothing twice, nothing made up. */
function judgeBytes(events: readonly ChatEvent[], input: Buffer): void {
  let from = 0
  for (const event of events) {
    if (event.type !== 'native') continue
    const at = input.indexOf(event.bytes, from)
    if (at === -1)
      fault(`bytes that the provider did not send: ${Buffer.from(event.bytes).toString().slice(0, 200)}`)
    from = at + event.bytes.length
  }
}

function wholeSubject(dialect: Dialect): FuzzSubject {
  const adapter = adapters.for(dialect)
  const target = recordedTarget({ dialect })
  return {
    name: `${dialect} whole`,
    inputs: wholeInputs(dialect, true),
    mutate: mutateWhole,
    run(input, chance) {
      let minted = 0
      const isNative = chance.isTrue(0.5)
      const mintId = () => `minted-${(minted += 1)}`
      const context = { target, isNative, isUsageWanted: true, mintId }
      const { value: answer, problem } = attempt(() =>
        adapter.decode({ status: 200, headers: {}, body: input }, context),
      )
      if (problem) return problem.code
      if (isNative && answer.native?.bytes !== input) fault('the bytes are not handed on')
      // An ordinary answer in the caller's own dialect is read only when somebody looks at its words.
      attempt(() => judgeAnswer(answer))
      return 'complete'
    },
  }
}

const oddHeaders: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { 'retry-after': '7' },
  { 'retry-after': '-1' },
  { 'retry-after': '1e999' },
  { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' },
  { 'retry-after-ms': '0.5' },
  { 'retry-after-ms': 'NaN' },
  { 'x-ratelimit-reset-requests': '6m0s', 'x-ratelimit-remaining-requests': '0' },
  { 'x-ratelimit-reset-tokens': '999999999999999h', 'x-should-retry': 'perhaps' },
  { 'content-type': 'text/html' },
]

function refusalSubject(dialect: Dialect): FuzzSubject {
  const adapter = adapters.for(dialect)
  const target = recordedTarget({ dialect })
  return {
    name: `${dialect} refusal`,
    inputs: [...wholeInputs(dialect, false), Buffer.from('<html>Bad gateway</html>'), Buffer.from('')],
    mutate: mutateWhole,
    run(input, chance) {
      const status = chance.pick([400, 401, 403, 404, 408, 413, 418, 429, 500, 502, 503, 529, 599])
      const headers = chance.pick(oddHeaders)
      const { value: problem } = attempt(() => adapter.explain({ status, headers, body: input }, target))
      if (!problem) return fault('explaining threw')
      return soundProblem(problem).code
    },
  }
}

export const decoderSubjects: readonly FuzzSubject[] = dialects.flatMap((dialect) => [
  streamSubject(dialect),
  wholeSubject(dialect),
  refusalSubject(dialect),
])
