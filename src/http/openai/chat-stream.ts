/** A streamed answer as chat.completion.chunk frames: native bytes straight through, or words by the grammar. */
import type { ChatEvent, Finish } from '#core/domain/answer.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { finishMembers, finishWord, writeLogprobs, writeUsage } from '#http/openai/chat-answer.ts'
import type { CompletionHead } from '#http/openai/chat-answer.ts'
import { createChoiceDeltas } from '#http/openai/chunk-deltas.ts'
import type { ChoiceDeltas } from '#http/openai/chunk-deltas.ts'
import { openaiProblem } from '#http/openai/openai-problem.ts'
import { resumedComment, resumedIn } from '#http/stream-form.ts'
import type { ResumedEvent, StreamForm } from '#http/stream-form.ts'

const doneFrame = 'data: [DONE]\n\n'
const doneMarker = Buffer.from('[DONE]')
/** How far from the end of the last bytes the marker may stand. */
const doneWithin = 32

/** One stream's frames. Once native bytes have come, words are not written: they would say everything twice. */
export function createChunkForm(head: CompletionHead, isUsageWanted: boolean): StreamForm {
  const words = createWordFrames(head, isUsageWanted)
  let lastNative: Uint8Array | undefined

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    batch(events, receipt) {
      const native = nativeBytes(events)
      if (native) {
        lastNative = native
        return native
      }
      const resumed = resumedIn(events)
      if (resumed) {
        if (lastNative) words.resume(resumed, receipt)
        lastNative = undefined
        return resumedComment(resumed)
      }
      if (lastNative) return undefined
      let text = ''
      for (const event of events) text += words.frameOf(event, receipt)
      return text
    },
    end(receipt) {
      if (!lastNative) return words.end(receipt) + doneFrame
      return endsWithDone(lastNative) ? '' : doneFrame
    },
    fail: (problem: Problem) => `data: ${JSON.stringify(openaiProblem(problem).body)}\n\n`,
  }
}

function createWordFrames(head: CompletionHead, isUsageWanted: boolean) {
  const choices = new Map<number, ChoiceDeltas>()
  const tail = isUsageWanted ? ',"usage":null}\n\n' : '}\n\n'
  let { id, createdAtS } = head
  let model = ''
  let prefix = ''

  const frame = (choice: number, delta: string, finish = 'null', logprobs = 'null') =>
    `${prefix}[{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}}]${tail}`

  /** The first frame of a choice names the role and nothing else. */
  const opening = (choice: number, receipt: Receipt): string => {
    prefix ||= framePrefix(id, createdAtS, model || receipt.model)
    choices.set(choice, createChoiceDeltas())
    return frame(choice, '{"role":"assistant","content":""}')
  }

  const frameOf = (event: ChatEvent, receipt: Receipt): string => {
    if (event.type === 'start') {
      model = event.model
      createdAtS = event.createdAtS ?? createdAtS
      return ''
    }
    if (isUnspoken(event)) return ''
    const { choice } = event
    const opened = choices.has(choice) ? '' : opening(choice, receipt)
    const deltas = choices.get(choice)
    if (!deltas) return opened
    if (event.type === 'finish') return opened + finishFrames(frame, choice, deltas, event.finish)
    if (event.type === 'logprobs') {
      const logprobs = writeLogprobs(event.logprobs)
      return logprobs === null ? opened : opened + frame(choice, '{}', 'null', JSON.stringify(logprobs))
    }
    const delta = deltas.deltaOf(event)
    return delta === undefined ? opened : opened + frame(choice, delta)
  }

  return {
    frameOf,
    /** Goes on with a stream that was passed on so far: as its next frames. */
    resume({ said }: ResumedEvent, receipt: Receipt): void {
      for (const event of said) {
        if (event.type === 'start') id = event.id || id
        frameOf(event, receipt)
      }
    },
    /** Everything that a complete stream still owes before its end marker. */
    end(receipt: Receipt): string {
      let text = choices.size === 0 ? opening(0, receipt) : ''
      for (const [choice, deltas] of choices) {
        if (!deltas.isFinished) text += finishFrames(frame, choice, deltas, { unified: 'other', raw: null })
      }
      if (isUsageWanted) text += `${prefix}[],"usage":${JSON.stringify(writeUsage(receipt.usage))}}\n\n`
      return text
    },
  }
}

type WriteFrame = (choice: number, delta: string, finish?: string, logprobs?: string) => string

function finishFrames(frame: WriteFrame, choice: number, deltas: ChoiceDeltas, finish: Finish): string {
  let text = ''
  for (const delta of deltas.closing()) text += frame(choice, delta)
  deltas.isFinished = true
  const word = JSON.stringify(finishWord(finish.unified, deltas.hasCalls()))
  const more = JSON.stringify(finishMembers(finish)).slice(1, -1)
  return text + frame(choice, '{}', more === '' ? word : `${word},${more}`)
}

type UnspokenEvent = Extract<ChatEvent, { readonly type: 'usage' | 'extras' | 'native' | 'resumed' }>

const isUnspoken = (event: ChatEvent): event is UnspokenEvent =>
  event.type === 'usage' || event.type === 'extras' || event.type === 'native' || event.type === 'resumed'

function framePrefix(id: string, createdAtS: number, model: string): string {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created: createdAtS, model })
  return `data: ${head.slice(0, -1)},"choices":`
}

function nativeBytes(events: readonly ChatEvent[]): Uint8Array | undefined {
  let first: Uint8Array | undefined
  let all: Uint8Array[] | undefined
  for (const event of events) {
    if (event.type !== 'native' || event.dialect !== 'openai-chat') continue
    if (!first) first = event.bytes
    else (all ??= [first]).push(event.bytes)
  }
  return all ? Buffer.concat(all) : first
}

function endsWithDone(bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-doneWithin)
  return tail.includes(doneMarker)
}
