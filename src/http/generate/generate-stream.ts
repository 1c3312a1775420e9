/** The streams of POST /v1/generate/stream: the bare text as it comes, or typed events. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { finishOf, generateUsageOf, settledPart } from '#http/generate/generate-answer.ts'
import { signalboxProblem } from '#http/problem-reply.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { StreamForm } from '#http/stream-form.ts'

/** Visible text and nothing else. It has no way to say that something went wrong, so a break cuts the connection. */
export function createTextForm(): StreamForm {
  return {
    contentType: 'text/plain; charset=utf-8',
    heartbeat: undefined,
    batch(events) {
      let text = ''
      for (const event of events) {
        if (event.type === 'text-delta' && event.choice === 0 && !event.isToolPlan) text += event.text
      }
      return text
    },
    end: () => '',
    fail: () => undefined,
  }
}

/** Events `start`, `delta`, `reasoning`, `refusal`, `tool_call`, `image`, `usage`, then exactly one of `done` or `error`. */
export function createEventForm(requestId: string): StreamForm {
  let hasStarted = false
  let hasCalls = false
  let finish: Finish | undefined

  const start = (receipt: Receipt) => {
    if (hasStarted) return ''
    hasStarted = true
    const { model, provider, isSimulated: simulated } = receipt
    return frame('start', { id: requestId, model, provider, simulated })
  }

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    batch(events, receipt) {
      const resumed = resumedIn(events)
      if (resumed) return resumedComment(resumed)
      let text = ''
      for (const event of events) {
        // There is one answer here, whatever else a provider says beside it.
        if ('choice' in event && event.choice !== 0) continue
        if (event.type === 'finish') finish = event.finish
        if (event.type === 'tool-call-start') hasCalls = true
        text += frameOf(event)
      }
      return text === '' ? text : start(receipt) + text
    },
    end(receipt) {
      const usage = frame('usage', generateUsageOf(receipt.usage))
      const finishReason = finishOf(finish, hasCalls)
      const done = { id: requestId, finish_reason: finishReason, ...settledPart(receipt) }
      return start(receipt) + usage + frame('done', done)
    },
    fail: (problem: Problem) => frame('error', signalboxProblem(problem, requestId).body),
  }
}

const frame = (name: string, data: JsonObject) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

function frameOf(event: ChatEvent): string {
  switch (event.type) {
    case 'text-delta':
      return event.isToolPlan
        ? frame('reasoning', { text: event.text })
        : frame('delta', { text: event.text })
    case 'reasoning-delta':
      return frame('reasoning', { text: event.text })
    case 'refusal-delta':
      return frame('refusal', { text: event.text })
    case 'tool-call-start': {
      const { call: index, id, name, kind: type } = event
      return frame('tool_call', { index, id, type, name })
    }
    case 'tool-call-delta':
      return frame('tool_call', { index: event.call, arguments: event.argumentsText })
    case 'part':
    case 'media-delta': {
      const part = event.type === 'part' ? event.part : event.media
      if (part.type !== 'image' || part.source.kind !== 'inline') return ''
      return frame('image', { url: `data:${part.mediaType ?? 'image/png'};base64,${part.source.base64}` })
    }
    case 'start':
    case 'carry':
    case 'citation':
    case 'logprobs':
    case 'finish':
    case 'usage':
    case 'extras':
    case 'native':
    case 'resumed':
      return ''
  }
}
