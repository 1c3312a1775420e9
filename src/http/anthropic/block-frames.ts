/** The frames of one content block, from its start to its stop. */
import {
  carriedCall,
  contentBlocks,
  ownSignature,
  redacted,
  silentThinking,
  tokensAfter,
  toolUse,
} from '#http/anthropic/answer-blocks.ts'
import type { CallDraft, Draft, TextDraft, ThoughtDraft } from '#http/anthropic/block-drafts.ts'
import { carryCall, signThinking } from '#http/anthropic/carried-thinking.ts'
import type { FrameWriter } from '#http/anthropic/frame-writer.ts'

/** Sends what a block has to say so far. */
export function growBlock(out: FrameWriter, draft: Draft): void {
  switch (draft.kind) {
    case 'text':
      growText(out, draft)
      return
    case 'thought':
      growThought(out, draft)
      return
    case 'call':
      // Free text becomes an object only as a whole.
      if (draft.pending === '' || draft.isCustom) return
      if (!draft.isStarted) startCall(out, draft)
      out.delta('input_json_delta', 'partial_json', draft.pending)
      draft.pending = ''
      return
    case 'whole':
      return
  }
}

function growText(out: FrameWriter, draft: TextDraft): void {
  const { pending, citations } = draft
  if (pending === '' && citations.length === 0) return
  if (!draft.isStarted) out.start({ type: 'text', text: '', citations: null })
  draft.isStarted = true
  if (pending !== '') out.delta('text_delta', 'text', pending)
  draft.pending = ''
  for (const citation of citations.splice(0)) out.delta('citations_delta', 'citation', citation)
}

function growThought(out: FrameWriter, draft: ThoughtDraft): void {
  if (draft.pending === '') return
  if (!draft.isStarted) out.start({ type: 'thinking', thinking: '', signature: '' })
  draft.isStarted = true
  out.delta('thinking_delta', 'thinking', draft.pending)
  draft.pending = ''
}

/** Ends a block that was sent as far as it goes; `next` is what comes after it. */
export function endBlock(out: FrameWriter, draft: Draft, next: Draft | undefined): void {
  switch (draft.kind) {
    case 'text':
      if (draft.isStarted) out.stop()
      out.whole(tokensAfter(draft.carry))
      return
    case 'thought':
      endThought(out, draft, next)
      return
    case 'call':
      endCall(out, draft)
      return
    case 'whole':
      out.whole(contentBlocks([{ ...draft.part, carry: draft.carry }]))
  }
}

/** The thinking that led to a call brings back the call's tokens too. */
function endThought(out: FrameWriter, draft: ThoughtDraft, next: Draft | undefined): void {
  const call = next?.kind === 'call' ? carriedCall(next.id, next.carry) : undefined
  if (call && next?.kind === 'call') next.carriesSent = next.carry.length
  const { carry, isPlan, callId } = draft
  if (callId !== undefined) {
    out.whole([redacted(carryCall({ id: callId, carry }))])
    if (call) out.whole([redacted(carryCall(call))])
    return
  }
  if (!draft.isStarted) {
    out.whole(silentThinking({ carry, call }))
    return
  }
  const own = ownSignature(carry)
  out.delta('signature_delta', 'signature', own ?? signThinking({ own: carry, isPlan, call }))
  out.stop()
  if (own !== undefined && call) out.whole([redacted(carryCall(call))])
}

/** `input` is empty at the start: clients take it from the deltas alone. */
function startCall(out: FrameWriter, draft: CallDraft): void {
  const { id, name, carry } = draft
  const ahead = carriedCall(id, carry.slice(draft.carriesSent))
  draft.carriesSent = carry.length
  if (ahead) out.whole([redacted(carryCall(ahead))])
  out.start(toolUse({ id, name, carry }, {}))
  draft.isStarted = true
}

function endCall(out: FrameWriter, draft: CallDraft): void {
  if (!draft.isStarted) startCall(out, draft)
  if (draft.isCustom) {
    out.delta('input_json_delta', 'partial_json', JSON.stringify({ input: draft.argumentsText }))
  } else if (draft.argumentsText.trim() === '') out.delta('input_json_delta', 'partial_json', '{}')
  out.stop()
  const late = carriedCall(draft.id, draft.carry.slice(draft.carriesSent))
  if (late) out.whole([redacted(carryCall(late))])
}
