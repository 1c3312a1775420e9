/** The one comparison of what an adapter made of a recording with what it must make of it. */
import { createAnswerBuilder } from '../../src/core/domain/answer-builder.ts'
import type { ChatAnswer, ChatEvent } from '../../src/core/domain/answer.ts'
import { Problem, toProblem } from '../../src/core/domain/problem.ts'
import type { LlmAdapter, WholeReply } from '../../src/services/llm-adapters/adapter.ts'
import { compareAnswer } from './answer-comparison.ts'
import { recordedTarget } from './recorded-target.ts'
import type { Recording } from './recording.ts'
import { replyBytes } from './recording.ts'

/** What came out: an answer (perhaps broken off), a problem, or both. */
export interface Outcome {
  readonly answer: ChatAnswer | undefined
  readonly problem: Problem | undefined
  /** The body's bytes that were handed on, for a caller of the same dialect. */
  readonly nativeBytes: Uint8Array | undefined
}

export interface ReadingOptions {
  /** The sizes of the chunks that a stream arrives in, repeated; without them it comes as one chunk. */
  readonly chunkSizes?: readonly number[] | undefined
  readonly isNative?: boolean | undefined
}

/** Has the adapter read a recording's reply, whole or as a stream. Anything thrown becomes the outcome's problem. */
export function readRecording(
  recording: Recording,
  adapter: LlmAdapter,
  options: ReadingOptions = {},
): Outcome {
  const bytes = replyBytes(recording.reply)
  const target = recordedTarget(recording)
  const { status, headers } = recording.reply
  const reply: WholeReply = { status, headers, body: bytes }
  if (status >= 400)
    return { answer: undefined, problem: adapter.explain(reply, target), nativeBytes: undefined }
  let minted = 0
  const context = {
    target,
    isNative: options.isNative ?? false,
    isUsageWanted: true,
    mintId: () => `minted-${(minted += 1)}`,
  }
  try {
    if (recording.reply.stream === undefined) {
      const answer = adapter.decode(reply, context)
      return { answer, problem: undefined, nativeBytes: answer.native?.bytes }
    }
    const decoder = adapter.openStream(context)
    const events: ChatEvent[] = []
    for (const piece of piecesOf(bytes, options.chunkSizes ?? [])) {
      events.push(...decoder.push(piece))
    }
    events.push(...decoder.end())
    const problem =
      decoder.problem ??
      (decoder.isComplete ? undefined : new Problem('internal_error', { detail: 'never complete' }))
    return { answer: folded(events), problem, nativeBytes: nativeBytesOf(events) }
  } catch (thrown) {
    return { answer: undefined, problem: toProblem(thrown), nativeBytes: undefined }
  }
}

/** Every way in which the outcome differs from what the recording expects; empty when they agree. */
export function disagreements(recording: Recording, outcome: Outcome): readonly string[] {
  const { expect } = recording
  const { problem, answer } = outcome
  if (expect.outcome === 'ok') {
    if (problem) {
      return expect.acceptAlso?.includes('stream_error')
        ? []
        : [`problem ${problem.code}: ${problemText(problem)}`]
    }
    return answer ? compareAnswer(expect, answer) : ['no answer']
  }
  const found: string[] = []
  if (!problem) return [`no problem, where ${expect.outcome} was expected`]
  const wanted = expect.problem
  if (wanted?.code && problem.code !== wanted.code) {
    found.push(`problem ${problem.code} instead of ${wanted.code}: ${problemText(problem)}`)
  }
  if (problem.code === 'stream_cut' || problem.code === 'internal_error') {
    found.push(`${problem.code} does not say what the provider said: ${problemText(problem)}`)
  }
  // Providers write the delay twice, once rounded down to whole seconds.
  const delayMs = problem.details.retryAfterMs
  if (wanted?.retryAfterMs !== undefined) {
    if (delayMs === undefined || delayMs > wanted.retryAfterMs + 1_000) {
      found.push(`retry after ${String(delayMs)} ms instead of ${wanted.retryAfterMs}`)
    }
  }
  if (expect.outcome === 'stream_error' && expect.text !== undefined && answer) {
    found.push(...compareAnswer({ outcome: 'ok', text: expect.text }, answer))
  }
  return found
}

/** Cuts bytes into chunks of the given sizes, over and over; without sizes one chunk. */
export function piecesOf(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  if (sizes.length === 0) return [bytes]
  const pieces: Uint8Array[] = []
  let turn = 0
  for (let from = 0; from < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    pieces.push(bytes.subarray(from, from + size))
    from += size
  }
  return pieces
}

function folded(events: readonly ChatEvent[]): ChatAnswer {
  const builder = createAnswerBuilder()
  for (const event of events) builder.add(event)
  return builder.build()
}

function nativeBytesOf(events: readonly ChatEvent[]): Uint8Array {
  return Buffer.concat(events.filter((event) => event.type === 'native').map((event) => event.bytes))
}

function problemText(problem: Problem): string {
  const cause = problem.details.cause
  return cause instanceof Error ? (cause.stack ?? cause.message) : problem.message
}
