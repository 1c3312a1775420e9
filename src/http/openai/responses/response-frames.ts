/** The events of a streamed response as text, numbered without gaps. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { openaiProblem } from '#http/openai/openai-problem.ts'
import { createOutputItems } from '#http/openai/responses/output-items.ts'
import { endingOf, responseText } from '#http/openai/responses/response-object.ts'
import type { Ending, ResponseHead } from '#http/openai/responses/response-object.ts'

type StartEvent = Extract<ChatEvent, { type: 'start' }>

export interface ResponseFrames {
  start(event: StartEvent): void
  batch(events: readonly ChatEvent[], receipt: Receipt): string
  /** Everything that a complete stream still owes. */
  end(receipt: Receipt): string
  /**
   * The event that clients throw on, and then the response as far as it came. `nativeNumber`: the number of the next
   * event of a stream that was passed on.
   */
  fail(problem: Problem, nativeNumber: number | undefined): string
}

const inProgress: Ending = { status: 'in_progress', items: 'incomplete' }

export function createResponseFrames(head: ResponseHead): ResponseFrames {
  let started: StartEvent | undefined
  let finish: Finish | undefined
  let receipt: Receipt | undefined
  let sequence = 0
  let pending = ''

  const tell = (type: string, members: string) => {
    pending += `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${members}}\n\n`
  }
  const items = createOutputItems({ stem: head.stem, awaitsLogprobs: head.awaitsLogprobs, tell })
  const taken = () => {
    const text = pending
    pending = ''
    return text
  }
  const tellResponse = (type: string, ending: Ending, usage?: Usage, id = head.id) => {
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
    end(now) {
      open(now)
      const ending = endingOf(finish)
      items.finish(ending.items)
      tellResponse(`response.${ending.status}`, ending, now.usage)
      return taken()
    },
    fail(problem, nativeNumber) {
      if (nativeNumber !== undefined) sequence = nativeNumber
      const { event, ending } = failureOf(problem)
      tell('error', event)
      const id = nativeNumber === undefined ? head.id : started?.id || head.id
      tellResponse('response.failed', ending, undefined, id)
      return taken()
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
