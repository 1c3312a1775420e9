/** Folding a stream: events in, the same whole answer out that the provider would have sent unstreamed. */
import type { AnswerChoice, ChatAnswer, ChatEvent, Finish, Logprobs } from '#core/domain/answer.ts'
import type { Carry, MediaPart, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'

interface ChoiceDraft {
  readonly parts: Part[]
  /** Lists that were made here and may grow in place; all others belong to somebody else. */
  growing: WeakSet<readonly unknown[]>
  /** Where in `parts` each call stands, by call number. */
  readonly calls: Map<number, number>
  finish: Finish | undefined
  logprobs: Logprobs | undefined
}

export interface AnswerBuilder {
  add(event: ChatEvent): void
  /** The answer so far. A choice without a finish event has finish `other` with raw null. */
  build(): ChatAnswer
}

export function createAnswerBuilder(): AnswerBuilder {
  const choices = new Map<number, ChoiceDraft>()
  let id = ''
  let model = ''
  let createdAtS: number | undefined
  let usage: Usage = unknownUsage
  let extras: JsonObject | undefined

  const draftOf = (index: number): ChoiceDraft => {
    let draft = choices.get(index)
    if (!draft) {
      draft = { parts: [], growing: new WeakSet(), calls: new Map(), finish: undefined, logprobs: undefined }
      choices.set(index, draft)
    }
    return draft
  }

  return {
    add(event) {
      switch (event.type) {
        case 'start':
          id = event.id
          model = event.model
          createdAtS = event.createdAtS
          return
        case 'usage':
          usage = event.usage
          return
        case 'extras':
          extras = { ...extras, ...event.extras }
          return
        case 'native':
        case 'resumed':
          return
        case 'finish':
          draftOf(event.choice).finish = event.finish
          return
        case 'logprobs':
          draftOf(event.choice).logprobs = event.logprobs
          return
        default:
          addToParts(draftOf(event.choice), event)
      }
    },
    build() {
      const built: AnswerChoice[] = []
      for (const [index, draft] of [...choices].sort(([a], [b]) => a - b)) {
        built.push({
          index,
          parts: draft.parts.map(withArguments),
          finish: draft.finish ?? { unified: 'other', raw: null },
          logprobs: draft.logprobs,
        })
        draft.growing = new WeakSet()
      }
      return { id, model, createdAtS, choices: built, usage, extras }
    },
  }
}

type PartEvent = Extract<
  ChatEvent,
  {
    type:
      | 'text-delta'
      | 'reasoning-delta'
      | 'refusal-delta'
      | 'carry'
      | 'citation'
      | 'tool-call-start'
      | 'tool-call-delta'
      | 'part'
      | 'media-delta'
  }
>

function addToParts(draft: ChoiceDraft, event: PartEvent): void {
  const { parts } = draft
  const last = parts.at(-1)
  switch (event.type) {
    case 'text-delta':
      if (last?.type === 'text' && !event.begins && Boolean(last.isToolPlan) === Boolean(event.isToolPlan)) {
        replaceLast(parts, { ...last, text: last.text + event.text })
      } else parts.push({ type: 'text', text: event.text, ...(event.isToolPlan ? { isToolPlan: true } : {}) })
      return
    case 'reasoning-delta':
      if (last?.type === 'reasoning' && !event.begins)
        replaceLast(parts, { ...last, text: last.text + event.text })
      else parts.push({ type: 'reasoning', text: event.text })
      return
    case 'refusal-delta':
      if (last?.type === 'refusal') replaceLast(parts, { ...last, text: last.text + event.text })
      else parts.push({ type: 'refusal', text: event.text })
      return
    case 'tool-call-start':
      draft.calls.set(event.call, parts.length)
      parts.push({ type: 'tool_call', id: event.id, name: event.name, kind: event.kind, argumentsText: '' })
      return
    case 'tool-call-delta':
      appendArguments(draft, event.call, event.argumentsText)
      return
    case 'carry':
      addCarry(draft, event.call, event.carry)
      return
    case 'citation':
      if (last?.type === 'text')
        replaceLast(parts, { ...last, citations: appended(draft, last.citations, event.citation) })
      else parts.push({ type: 'text', text: '', citations: appended(draft, undefined, event.citation) })
      return
    case 'part':
      parts.push(event.part)
      return
    case 'media-delta':
      addMedia(parts, event.media)
  }
}

function appendArguments(draft: ChoiceDraft, call: number, text: string): void {
  const position = draft.calls.get(call)
  const part = position === undefined ? undefined : draft.parts[position]
  if (position !== undefined && part?.type === 'tool_call') {
    draft.parts[position] = { ...part, argumentsText: part.argumentsText + text }
  }
}

function addCarry(draft: ChoiceDraft, call: number | undefined, carry: Carry): void {
  const position = call === undefined ? draft.parts.length - 1 : (draft.calls.get(call) ?? -1)
  const part = draft.parts[position]
  if (part) draft.parts[position] = { ...part, carry: appended(draft, part.carry, carry) }
  else draft.parts.push({ type: 'text', text: '', carry: appended(draft, undefined, carry) })
}

/** The list with one more item: the same one where it may grow, so that a thousand items are not copied a thousand times. */
function appended<T>(draft: ChoiceDraft, list: readonly T[] | undefined, item: T): readonly T[] {
  if (list && draft.growing.has(list)) {
    ;(list as T[]).push(item)
    return list
  }
  const fresh = list ? [...list, item] : [item]
  draft.growing.add(fresh)
  return fresh
}

function addMedia(parts: Part[], media: MediaPart): void {
  const last = parts.at(-1)
  if (last?.type === media.type && last.source.kind === 'inline' && media.source.kind === 'inline') {
    const source = { kind: 'inline', base64: last.source.base64 + media.source.base64 } as const
    const transcript = (last.transcript ?? '') + (media.transcript ?? '')
    replaceLast(parts, { ...last, ...media, source, ...(transcript ? { transcript } : {}) })
  } else parts.push(media)
}

function replaceLast(parts: Part[], part: Part): void {
  parts[parts.length - 1] = part
}

/** A function called without arguments has `{}`, never the empty string, which is not JSON. */
function withArguments(part: Part): Part {
  if (part.type !== 'tool_call' || part.kind !== 'function' || part.argumentsText.trim() !== '') return part
  return { ...part, argumentsText: '{}' } satisfies ToolCallPart
}
