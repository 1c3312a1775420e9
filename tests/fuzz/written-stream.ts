/** Events written by a door as it would write them to a socket, and judged by the grammar of its API. */
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Dialect } from '#core/domain/chat.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import type { ReadRequest } from '#http/inference.ts'
import { readJsonBody } from '#http/json-body.ts'
import { questionAddress, readQuestion } from '#tests/support/door-surfaces.ts'
import { receiptOf } from '#tests/support/fake-door.ts'
import { grammarOf } from '#tests/support/stream-grammar/check-grammar.ts'
import { attempt } from './fuzz-subject.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const plainBodies: Readonly<Record<Dialect, (isStreamed: boolean) => object>> = {
  'openai-chat': (stream) => ({ model: 'm', messages, stream, stream_options: { include_usage: true } }),
  'openai-responses': (stream) => ({ model: 'm', input: 'Hello', stream, store: false }),
  'anthropic-messages': (stream) => ({ model: 'm', messages, max_tokens: 100, stream }),
  'gemini-generate': () => ({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
  'cohere-chat': (stream) => ({ model: 'm', messages, stream }),
}

/** A plain question as the door has read it. */
export function plainQuestion(door: Dialect, isStreamed: boolean): ReadRequest {
  const body = Buffer.from(JSON.stringify(plainBodies[door](isStreamed)))
  return readQuestion(questionAddress(door, isStreamed), readJsonBody(body))
}

const receiptFor = (usage: Receipt['usage']): Receipt =>
  receiptOf({ requestId: 'req-1' } as Parameters<typeof receiptOf>[0], { usage })

export interface WrittenStream {
  /** What the client received; undefined when the failure came before anything was sent. */
  readonly text: string | undefined
  readonly ending: 'whole' | 'broken' | 'cut'
}

/** The stream of these batches; `problem` is what they ended with. Throws for whatever a door must never throw. */
export function writeStream(
  door: Dialect,
  batches: ReadonlyArray<readonly ChatEvent[]>,
  given: { readonly usage: Receipt['usage']; readonly problem: Problem | undefined },
): WrittenStream {
  const form = plainQuestion(door, true).openForm()
  const receipt = receiptFor(given.usage)
  const pieces: string[] = []
  const written = attempt(() => {
    for (const batch of batches) {
      const piece = form.batch(batch, receipt)
      if (piece !== undefined && piece.length > 0) pieces.push(Buffer.from(piece).toString())
    }
    if (given.problem) throw given.problem
    pieces.push(form.end(receipt))
  })
  if (!written.problem) return { text: pieces.join(''), ending: 'whole' }
  if (pieces.length === 0) return { text: undefined, ending: 'broken' }
  const told = form.fail(written.problem, 'req-1')
  return { text: pieces.join('') + (told ?? ''), ending: told === undefined ? 'cut' : 'broken' }
}

/** What is wrong with a written stream by its API's grammar. */
export function grammarFaults(door: Dialect, { text, ending }: WrittenStream): readonly string[] {
  return text === undefined || ending === 'cut' ? [] : grammarOf[door](text, ending)
}

/** A whole answer as the door writes it: JSON, or a Problem. */
export function writeWhole(door: Dialect, answer: ChatAnswer): unknown {
  const { value: bytes, problem } = attempt(() =>
    plainQuestion(door, false).writeWhole(answer, receiptFor(answer.usage)),
  )
  return problem ?? JSON.parse(Buffer.from(bytes ?? []).toString())
}
