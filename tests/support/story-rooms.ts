// Providers of the corridor's tests that tell one story: they break off, and go on where they are asked to.
import assert from 'node:assert/strict'
import type { ChatEvent } from '#core/domain/answer.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import { anchorOf } from '#core/domain/seam.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Asked, Reply } from '#core/gateway/asked.ts'
import { askedFor, fakeTarget } from '#tests/support/fake-rooms.ts'
import type { Behaviour } from '#tests/support/fake-replies.ts'
import type { FakeHouse } from '#tests/support/fake-rooms.ts'

export const nothingHeld = { permits: 0, money: 0, passes: 0, replies: 0 }
export const story =
  'Once upon a time a signalman lived beside the line. Every evening he lit eleven lamps, and counted the trains ' +
  'that went by: seven before supper, four behind it. One night an eighth came, without any lights at all.'

export const textOf = (pieces: readonly string[]): ChatEvent[] =>
  pieces.map((text) => ({ type: 'text-delta', choice: 0, text }))
export const stop: ChatEvent = { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } }
export const usageOf = (inputTokens: number, outputTokens: number): ChatEvent => ({
  type: 'usage',
  usage: { ...unknownUsage, inputTokens, outputTokens },
})

export function inPieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? []
}

/** Tells the story until it breaks off. */
export const tellsUntil = (characters: number, size = 7): Behaviour => ({
  does: 'tell',
  tell: () => ({ events: textOf(inPieces(story.slice(0, characters), size)), isCut: true }),
})

/** What is shown in the question as the answer so far. */
export function shownIn({ messages }: ChatQuestion): string {
  const part = messages.findLast(({ role }) => role === 'assistant')?.parts[0]
  return part?.type === 'text' ? part.text : ''
}

/** Goes on as it is asked to: after a request from the last words, else from where the answer stands. */
export const goesOn = (
  changes: { overlap?: number; size?: number; more?: readonly ChatEvent[] } = {},
): Behaviour => ({
  does: 'tell',
  tell(question) {
    const shown = shownIn(question)
    const isAsked = question.messages.at(-1)?.role === 'user'
    const back = isAsked ? anchorOf(shown).length : (changes.overlap ?? 0)
    const rest = story.slice(Math.max(0, shown.length - back))
    const events = [
      ...textOf(inPieces(rest, changes.size ?? 5)),
      ...(changes.more ?? [usageOf(90, 30), stop]),
    ]
    return { events, isCut: changes.more !== undefined }
  },
})

export const scriptOf = (...behaviours: ReadonlyArray<readonly Behaviour[]>) =>
  new Map<Target, readonly Behaviour[]>(
    behaviours.map((steps, position): [Target, readonly Behaviour[]] => [
      fakeTarget(`model-${position}`),
      steps,
    ]),
  )

export const able = (target: Target): Target => ({
  ...target,
  card: { ...target.card, quirks: new Set(['continues_answers']) },
})

export const stopping = (target: Target): Target => ({
  ...target,
  card: { ...target.card, abilities: new Set([...target.card.abilities, 'stop_sequences']) },
})

export const wish = (changes: Partial<Asked> = {}): Asked => ({
  ...askedFor({}, true),
  rescueWish: 'continue',
  ...changes,
})

export function plain(house: FakeHouse) {
  return house.rows.map(({ kind, attempt, model, problem, costNanoUsd }) => [
    kind,
    attempt,
    model,
    problem,
    costNanoUsd,
  ])
}

export interface Read {
  readonly text: string
  readonly events: readonly ChatEvent[]
  readonly problem: Problem | undefined
}

export async function readAll(reply: Reply): Promise<Read> {
  assert.equal(reply.kind, 'stream')
  const events: ChatEvent[] = []
  let problem: Problem | undefined
  if (reply.kind === 'stream') {
    try {
      for await (const batch of reply.events) events.push(...batch)
    } catch (thrown) {
      assert.ok(thrown instanceof Problem)
      problem = thrown
    }
  }
  const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
  return { text, events, problem }
}
