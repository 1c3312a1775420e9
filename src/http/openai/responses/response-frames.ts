/** The events of a streamed response as text, numbered without gaps. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { openaiProblem } from '#http/openai/openai-problem.ts'
import type { PassedItems } from '#http/openai/responses/item-shelf.ts'
import { createOutputItems } from '#http/openai/responses/output-items.ts'
import { endingOf, responseText } from '#http/openai/responses/response-object.ts'
import type { Ending, ResponseHead } from '#http/openai/responses/response-object.ts'

type StartEvent = Extract<ChatEvent, { type: 'start' }>

export interface ResponseFrames {
  start(event: StartEvent): void
  batch(events: readonly ChatEvent[], receipt: Receipt): string
  /** Goes on with a stream that was passed on so far: as its next events, in the message that is open. */
  resume(stream: PassedStream, receipt: Receipt): void
  /** Everything that a complete stream still owes. */
  end(receipt: Receipt): string
  /**
   * The event that clients throw on, and then the response as far as it came. `nativeNumber`: the number of the next
   * event of a stream that was passed on.
   */
  fail(problem: Problem, nativeNumber: number | undefined): string
}

/** What is known of a stream that was passed on. */
export interface PassedStream {
  readonly passed: PassedItems
  /** The number of its next event. */
  readonly nextNumber: number
  /** What its open message says so far. */
  readonly text: string
}

const inProgress: Ending = { status: 'in_progress', items: 'incomplete' }

export function createResponseFrames(head: ResponseHead): ResponseFrames {
  let started: StartEvent | undefined
  let finish: Finish | undefined
  let receipt: Receipt | undefined
  let { id }: { id: string } = head
  const { stem, awaitsLogprobs } = head
  const { tell, taken, goOnFrom } = createNumberedEvents()
  let items = createOutputItems({ stem, awaitsLogprobs, tell })
  const tellResponse = (type: string, ending: Ending, usage?: Usage) => {
    const createdAtS = started?.createdAtS ?? head.createdAtS
    const model = started?.model || (receipt?.model ?? '')
    const state = { ...ending, id, createdAtS, model, output: items.done(), usage }
    tell(type, `"response":${responseText(head, state)}`)
  }
  const open = (now: Receipt) => {
    if (receipt) return
    receipt = now
    tellResponse('response.created', inProgress)
    tellResponse('response.in_progress', inProgress)
  }

  return {
    start(event) {
      started = event
    },
    batch(events, now) {
      open(now)
      for (const event of events) {
        if ('choice' in event && event.choice !== 0) continue
        if (event.type === 'finish') finish = event.finish
        else items.add(event)
      }
      return taken()
    },
    resume({ passed, nextNumber, text }, now) {
      receipt = now
      id = started?.id || head.id
      items = createOutputItems({ stem, awaitsLogprobs, tell, passed })
      items.add({ type: 'text-delta', choice: 0, text })
      goOnFrom(nextNumber)
    },
    end(now) {
      open(now)
      const ending = endingOf(finish)
      items.finish(ending.items)
      tellResponse(`response.${ending.status}`, ending, now.usage)
      return taken()
    },
    fail(problem, nativeNumber) {
      if (nativeNumber !== undefined) {
        goOnFrom(nativeNumber)
        id = started?.id || head.id
      }
      const { event, ending } = failureOf(problem)
      tell('error', event)
      tellResponse('response.failed', ending)
      return taken()
    },
  }
}

/** Events as text, numbered without gaps. */
function createNumberedEvents() {
  let sequence = 0
  let pending = ''
  return {
    tell: (type: string, members: string) => {
      pending += `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${members}}\n\n`
    },
    taken: (): string => {
      const text = pending
      pending = ''
      return text
    },
    /** Forgets what was not taken: others have told as much. */
    goOnFrom: (nextNumber: number) => {
      pending = ''
      sequence = nextNumber
    },
  }
}

/** The members of the `error` event, flat as documented and nested as OpenAI sends them, since clients read either. */
function failureOf(problem: Problem): { readonly event: string; readonly ending: Ending } {
  const { status, body } = openaiProblem(problem)
  const error = asObject(body['error']) ?? {}
  const { code = null, param = null } = error
  const message = asString(error['message']) ?? ''
  const word = status === 429 ? 'rate_limit_exceeded' : 'server_error'
  return {
    event: JSON.stringify({ code, message, param, error }).slice(1, -1),
    ending: { status: 'failed', items: 'incomplete', error: { code: word, message } },
  }
}
