/** The content blocks of a streamed answer, one after the other, whatever order their pieces came in. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asObject } from '#core/domain/json.ts'
import type { Writable } from '#core/domain/writable.ts'
import { writeCitation } from '#http/anthropic/answer-blocks.ts'
import {
  callDraft,
  growMedia,
  isReady,
  isWhole,
  textDraft,
  thoughtDraft,
  wholeDraft,
} from '#http/anthropic/block-drafts.ts'
import type { CallDraft, Draft, ThoughtDraft } from '#http/anthropic/block-drafts.ts'
import { endBlock, growBlock } from '#http/anthropic/block-frames.ts'
import { createFrameWriter } from '#http/anthropic/frame-writer.ts'

export interface BlockStream {
  /** The frames that an event leads to. */
  add(event: BlockEvent): string
  /** The frames that end everything still open. */
  close(): string
  readonly hasCalls: boolean
}

export type BlockEvent = Exclude<
  ChatEvent,
  { readonly type: 'start' | 'usage' | 'extras' | 'native' | 'resumed' | 'finish' | 'logprobs' }
>

/**
 * The first of the open blocks is sent as it grows; what belongs to later ones waits for it to end. A call ends when
 * its arguments are whole and something comes after it, or with the answer.
 */
export function createBlockStream(): BlockStream {
  const drafts: Draft[] = []
  const out = createFrameWriter()
  const callIds = new Map<number, string>()

  const advance = (isEnd: boolean): void => {
    for (let head = drafts[0]; head; head = drafts[0]) {
      growBlock(out, head)
      const next = drafts[1]
      if (!isEnd && !(next && isReady(next) && isWhole(head))) return
      endBlock(out, head, next)
      drafts.shift()
    }
  }
  const open = <D extends Draft>(draft: D): D => {
    drafts.push(draft)
    return draft
  }

  const blocks: Writable<BlockStream> = {
    hasCalls: false,
    add(event) {
      if (event.type === 'tool-call-start') {
        callIds.set(event.call, event.id)
        blocks.hasCalls = true
      }
      if (isLateToken(event, drafts)) {
        open(thoughtDraft(false, callIds.get(event.call) ?? '')).carry.push(event.carry)
      } else place(drafts, event, open)
      advance(false)
      return out.take()
    },
    close() {
      advance(true)
      return out.take()
    },
  }
  return blocks
}

type LateToken = Extract<BlockEvent, { readonly type: 'carry' }> & { readonly call: number }

/** A token of a call whose block has ended already. */
function isLateToken(event: BlockEvent, drafts: readonly Draft[]): event is LateToken {
  return event.type === 'carry' && event.call !== undefined && !callOf(drafts, event.call)
}

type Open = <D extends Draft>(draft: D) => D

/** Puts what an event says where it belongs. */
function place(drafts: readonly Draft[], event: BlockEvent, open: Open): void {
  const last = drafts.at(-1)
  switch (event.type) {
    case 'text-delta':
      if (event.isToolPlan) thoughtFor(last, true, event.begins, open).pending += event.text
      else if (last?.kind === 'text' && !event.begins) last.pending += event.text
      else open(textDraft()).pending = event.text
      return
    case 'refusal-delta':
      if (last?.kind === 'text') last.pending += event.text
      else open(textDraft()).pending = event.text
      return
    case 'reasoning-delta':
      thoughtFor(last, false, event.begins, open).pending += event.text
      return
    case 'citation': {
      const citation = asObject(writeCitation(event.citation))
      const text = last?.kind === 'text' ? last : open(textDraft())
      if (citation) text.citations.push(citation)
      return
    }
    case 'tool-call-start':
      open(callDraft({ ...event, isCustom: event.kind === 'custom' }))
      return
    case 'tool-call-delta': {
      const draft = callOf(drafts, event.call)
      if (!draft) return
      draft.pending += event.argumentsText
      draft.argumentsText += event.argumentsText
      return
    }
    case 'carry': {
      const draft = event.call === undefined ? (last ?? open(textDraft())) : callOf(drafts, event.call)
      draft?.carry.push(event.carry)
      return
    }
    case 'part':
      open(wholeDraft(event.part))
      return
    case 'media-delta':
      if (!growMedia(last, event.media)) open(wholeDraft(event.media))
  }
}

function thoughtFor(
  last: Draft | undefined,
  isPlan: boolean,
  begins: boolean | undefined,
  open: Open,
): ThoughtDraft {
  const isSame = last?.kind === 'thought' && last.isPlan === isPlan && last.callId === undefined
  return isSame && !begins ? last : open(thoughtDraft(isPlan))
}

function callOf(drafts: readonly Draft[], call: number): CallDraft | undefined {
  return drafts.find((draft): draft is CallDraft => draft.kind === 'call' && draft.call === call)
}
