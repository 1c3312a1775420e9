/** GenerateContentResponse objects as JSON text, one for each batch of events and one that ends the answer. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { blockOf, writeEnding } from '#http/gemini/candidate-surroundings.ts'
import { createCandidateWriter } from '#http/gemini/candidate-writer.ts'
import type { CandidateWriter } from '#http/gemini/candidate-writer.ts'
import type { ResumedEvent } from '#http/stream-form.ts'
import { writeUsageMetadata } from '#http/gemini/usage-metadata.ts'

export interface ResponseHead {
  readonly responseId: string
  /** Whether the caller asked to see thoughts. */
  readonly showsThoughts: boolean
}

export interface ResponseWriter {
  /** Takes events in without writing: their parts come with the next object. */
  hold(events: readonly ChatEvent[]): void
  /** What the events add, as one object; undefined when they say nothing yet. */
  next(events: readonly ChatEvent[], receipt: Receipt): string | undefined
  /** Goes on with a stream that was passed on so far: as its next objects. */
  resume(resumed: ResumedEvent, receipt: Receipt): void
  /** The object that ends the answer: what is still owed, why it ended, what it used. */
  last(receipt: Receipt): string
}

export function createResponseWriter(head: ResponseHead): ResponseWriter {
  const candidates = new Map<number, CandidateWriter>()
  let { responseId } = head
  let model = ''
  let citationMetadata: JsonObject | undefined
  let tail = ''

  const candidateOf = (index: number): CandidateWriter => {
    const known = candidates.get(index)
    if (known) return known
    const candidate = createCandidateWriter(head.showsThoughts)
    candidates.set(index, candidate)
    return candidate
  }

  const tailOf = (receipt: Receipt): string => {
    tail ||= `"modelVersion":${JSON.stringify(model || receipt.model)},"responseId":${JSON.stringify(responseId)}}`
    return tail
  }

  const hold = (events: readonly ChatEvent[]): void => {
    for (const event of events) {
      if (event.type === 'start') model = event.model
      else if (event.type === 'extras') citationMetadata = citationsIn(event.extras) ?? citationMetadata
      else if ('choice' in event) candidateOf(event.choice).add(event)
    }
  }

  const next = (events: readonly ChatEvent[], receipt: Receipt): string | undefined => {
    hold(events)
    let written = ''
    for (const [index, candidate] of candidates) {
      const parts = candidate.take(false)
      if (parts.length > 0) written += `${written === '' ? '' : ','}${candidateText(index, parts, '')}`
    }
    return written === '' ? undefined : `{"candidates":[${written}],${tailOf(receipt)}`
  }

  return {
    hold,
    next,
    resume({ said }, receipt) {
      responseId = said.find((event) => event.type === 'start')?.id || responseId
      next(said, receipt)
    },
    last(receipt) {
      const usage = writeUsageMetadata(receipt.usage)
      const counted = usage ? `"usageMetadata":${JSON.stringify(usage)},` : ''
      if (candidates.size === 0) candidateOf(0)
      const block = candidates.size === 1 ? blockOf(candidates.get(0)?.finish) : undefined
      if (block) return `{"promptFeedback":${JSON.stringify(block)},${counted}${tailOf(receipt)}`
      const written = [...candidates].map(([index, candidate]) => {
        const parts = candidate.take(true)
        const ending = { ...writeEnding(candidate), ...(index === 0 ? citationMetadata : undefined) }
        return candidateText(index, parts, `,${JSON.stringify(ending).slice(1, -1)}`)
      })
      return `{"candidates":[${written.join(',')}],${counted}${tailOf(receipt)}`
    },
  }
}

/** A candidate always has a part: clients that keep the conversation throw a turn without one away. */
function candidateText(index: number, parts: readonly string[], ending: string): string {
  const content = parts.length > 0 ? parts.join(',') : '{"text":""}'
  return `{"content":{"parts":[${content}],"role":"model"}${ending},"index":${index}}`
}

function citationsIn(extras: JsonObject): JsonObject | undefined {
  const { citationMetadata } = extras
  return citationMetadata === undefined ? undefined : { citationMetadata }
}
