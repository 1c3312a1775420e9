/** The words of an attempt that goes on with an answer, as they follow what was shown: none lost, none doubled. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Seam } from '#core/domain/seam.ts'
import type { Writable } from '#core/domain/writable.ts'

type Batch = readonly ChatEvent[]

export interface ContinuedWords {
  /** What a batch adds. Throws `provider_malformed` for what is no continuation. */
  take(events: Batch): Batch
  /** A stop sequence across the seam ended the answer: the rest is not wanted. */
  readonly isOver: boolean
}

/** Its thoughts, tokens and sources belong to an answer of its own and are left out; its calls are whole and its own. */
export function createContinuedWords(seam: Seam): ContinuedWords {
  const checked = (text: string, given: ChatEvent[]): void => {
    if (seam.isRefused) {
      throw new Problem('provider_malformed', {
        detail: 'The model that was asked to go on with a broken answer began another one.',
      })
    }
    if (text !== '') given.push({ type: 'text-delta', choice: 0, text })
    if (seam.stoppedBy === undefined) return
    words.isOver = true
    const finish = { unified: 'stop', raw: null, stopSequence: seam.stoppedBy } as const
    given.push({ type: 'finish', choice: 0, finish })
  }
  const takeOne = (event: ChatEvent, given: ChatEvent[]): void => {
    switch (event.type) {
      case 'text-delta':
        if (!event.isToolPlan) checked(seam.push(event.text), given)
        return
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'finish':
        checked(seam.end(), given)
        if (!words.isOver) given.push(event)
        return
      case 'carry':
        if (event.call !== undefined) given.push(event)
        return
      case 'refusal-delta':
      case 'part':
      case 'media-delta':
        throw new Problem('provider_malformed', {
          detail: 'The model that was asked to go on with a broken answer sent something else than text.',
        })
      default:
    }
  }

  const words: Writable<ContinuedWords> = {
    isOver: false,
    take(events) {
      const given: ChatEvent[] = []
      for (const event of events) if (!words.isOver) takeOne(event, given)
      return given
    },
  }
  return words
}
