/** A message of the output while it grows: its parts of text and refusal, one after the other. */
import type { Citation } from '#core/domain/chat.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ItemPlace, ItemShelf, ItemStatus } from '#http/openai/responses/item-shelf.ts'
import { writeAnnotation } from '#http/openai/responses/output-annotations.ts'

export interface OpenMessage {
  /** `begins`: another part of text starts here. */
  addText(text: string, begins: boolean): void
  addRefusal(text: string): void
  addCitation(citation: Citation): void
  /** They belong to the last text. */
  addLogprobs(tokens: readonly JsonValue[]): void
  endPart(): void
  close(status: ItemStatus): void
}

interface OpenPart {
  readonly kind: 'output_text' | 'refusal'
  /** The members that place every event of this part. */
  readonly place: string
  text: string
  readonly annotations: JsonObject[]
  logprobs: readonly JsonValue[]
}

interface Draft {
  readonly shelf: ItemShelf
  readonly place: ItemPlace
  /** The parts that are done, as JSON texts. */
  readonly parts: string[]
  open: OpenPart | undefined
}

export function openMessage(shelf: ItemShelf): OpenMessage {
  const { tell } = shelf
  const draft: Draft = { shelf, place: shelf.place('msg'), parts: [], open: undefined }
  shelf.begin(draft.place, itemOf(draft, 'in_progress'))

  return {
    addText(text, begins) {
      const part = partOf(draft, 'output_text', begins)
      part.text += text
      tell?.('response.output_text.delta', `${part.place},"delta":${JSON.stringify(text)},"logprobs":[]`)
    },
    addRefusal(text) {
      const part = partOf(draft, 'refusal', false)
      part.text += text
      tell?.('response.refusal.delta', `${part.place},"delta":${JSON.stringify(text)}`)
    },
    addCitation(citation) {
      const { place, annotations, text } = partOf(draft, 'output_text', false)
      const annotation = writeAnnotation(citation, text.length)
      const at = `"annotation_index":${annotations.length}`
      annotations.push(annotation)
      tell?.(
        'response.output_text.annotation.added',
        `${place},${at},"annotation":${JSON.stringify(annotation)}`,
      )
    },
    addLogprobs(tokens) {
      if (draft.open?.kind === 'output_text') draft.open.logprobs = tokens
    },
    endPart: () => endPart(draft),
    close(status) {
      endPart(draft)
      shelf.keep(draft.place, itemOf(draft, status))
    },
  }
}

function itemOf({ place, parts }: Draft, status: string): string {
  return `{"id":"${place.id}","type":"message","status":"${status}","role":"assistant","content":[${parts.join(',')}]}`
}

/** The part that is open, when it is of this kind and no other begins. */
function partOf(draft: Draft, kind: OpenPart['kind'], begins: boolean): OpenPart {
  if (draft.open && (begins || draft.open.kind !== kind)) endPart(draft)
  if (!draft.open) {
    const { id, index } = draft.place
    const place = `"item_id":"${id}","output_index":${index},"content_index":${draft.parts.length}`
    draft.open = { kind, place, text: '', annotations: [], logprobs: [] }
    draft.shelf.tell?.('response.content_part.added', `${place},"part":${partText(draft.open, '""')}`)
  }
  return draft.open
}

function endPart(draft: Draft): void {
  const { open } = draft
  const { tell } = draft.shelf
  if (!open) return
  const { kind, place, text, logprobs } = open
  const written = JSON.stringify(text)
  const whole = partText(open, written)
  if (kind === 'refusal') tell?.('response.refusal.done', `${place},"refusal":${written}`)
  else
    tell?.('response.output_text.done', `${place},"text":${written},"logprobs":${JSON.stringify(logprobs)}`)
  tell?.('response.content_part.done', `${place},"part":${whole}`)
  draft.parts.push(whole)
  draft.open = undefined
}

function partText({ kind, annotations, logprobs }: OpenPart, written: string): string {
  if (kind === 'refusal') return `{"type":"refusal","refusal":${written}}`
  const rest = `"annotations":${JSON.stringify(annotations)},"logprobs":${JSON.stringify(logprobs)}`
  return `{"type":"output_text","text":${written},${rest}}`
}
