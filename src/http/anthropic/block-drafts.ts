/** Content blocks that are still growing: what each has yet to say, and when it may end. */
import type { Carry, MediaPart, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { parseJson } from '#core/domain/json.ts'

export type Draft = TextDraft | ThoughtDraft | CallDraft | WholeDraft

interface DraftBase {
  /** Whether its start was sent. */
  isStarted: boolean
  /** What was read and not yet sent. */
  pending: string
  readonly carry: Carry[]
}

export interface TextDraft extends DraftBase {
  readonly kind: 'text'
  readonly citations: JsonObject[]
}

export interface ThoughtDraft extends DraftBase {
  readonly kind: 'thought'
  readonly isPlan: boolean
  /** The call that its tokens belong to, when they came after the end of the call's own block. */
  readonly callId: string | undefined
}

export interface CallDraft extends DraftBase {
  readonly kind: 'call'
  readonly call: number
  readonly id: string
  readonly name: string
  /** Arguments are free text, which only its end turns into an object. */
  readonly isCustom: boolean
  /** All arguments so far, to see whether they are whole. */
  argumentsText: string
  /** How many of its tokens were sent ahead of it. */
  carriesSent: number
}

export interface WholeDraft extends DraftBase {
  readonly kind: 'whole'
  part: Part
}

const fresh = () => ({ isStarted: false, pending: '', carry: [] as Carry[] })

export const textDraft = (): TextDraft => ({ kind: 'text', ...fresh(), citations: [] })
export const thoughtDraft = (isPlan: boolean, callId?: string): ThoughtDraft => ({
  kind: 'thought',
  ...fresh(),
  isPlan,
  callId,
})
export const wholeDraft = (part: Part): WholeDraft => ({
  kind: 'whole',
  ...fresh(),
  part,
  carry: [...(part.carry ?? [])],
})
export const callDraft = (start: Pick<CallDraft, 'call' | 'id' | 'name' | 'isCustom'>): CallDraft => ({
  kind: 'call',
  ...fresh(),
  call: start.call,
  id: start.id,
  name: start.name,
  isCustom: start.isCustom,
  argumentsText: '',
  carriesSent: 0,
})

/** Whether it has anything to show, so that what stands before it can end. */
export function isReady(draft: Draft): boolean {
  if (draft.kind === 'whole' || draft.pending !== '') return true
  if (draft.kind === 'text') return draft.citations.length > 0
  return draft.kind === 'thought' && draft.carry.length > 0
}

/** Whether nothing more belongs to it once something else has begun. Only calls may go on after that. */
export function isWhole(draft: Draft): boolean {
  if (draft.kind !== 'call') return true
  // Nobody can tell where free text ends.
  if (draft.isCustom) return false
  const text = draft.argumentsText.trim()
  return text.endsWith('}') && parseJson(text) !== undefined
}

/** Produced sound and pictures come in pieces; returns false when the piece begins something new. */
export function growMedia(draft: Draft | undefined, media: MediaPart): boolean {
  if (draft?.kind !== 'whole') return false
  const { part } = draft
  if (part.type !== media.type || part.source.kind !== 'inline' || media.source.kind !== 'inline')
    return false
  const base64 = part.source.base64 + media.source.base64
  const transcript = (part.transcript ?? '') + (media.transcript ?? '')
  draft.part = {
    ...part,
    ...media,
    source: { kind: 'inline', base64 },
    ...(transcript ? { transcript } : {}),
  }
  return true
}
