/** A reasoning item of the output while it grows: one summary, and the tokens that must come back with it. */
import type { Carry } from '#core/domain/chat.ts'
import { writeEncrypted } from '#http/openai/responses/carried-reasoning.ts'
import type { Belonging } from '#http/openai/responses/carried-reasoning.ts'
import type { ItemShelf } from '#http/openai/responses/item-shelf.ts'

export interface OpenReasoning {
  readonly belonging: Belonging | undefined
  readonly carries: Carry[]
  addText(text: string): void
  /** `encrypted`: what the item carries, where it is not its own tokens. */
  close(encrypted?: string): void
}

export function openReasoning(shelf: ItemShelf, belonging?: Belonging): OpenReasoning {
  const place = shelf.place('rs')
  const { index, id } = place
  const { tell } = shelf
  const carries: Carry[] = []
  const at = `"item_id":"${id}","output_index":${index},"summary_index":0`
  let text = ''

  const item = (summary: string, encrypted: string | null) =>
    `{"id":"${id}","type":"reasoning","summary":[${summary}],"encrypted_content":${JSON.stringify(encrypted)}}`
  const summaryPart = (written: string) => `{"type":"summary_text","text":${written}}`
  shelf.begin(place, item('', null))

  return {
    belonging,
    carries,
    addText(more) {
      if (text === '') tell?.('response.reasoning_summary_part.added', `${at},"part":${summaryPart('""')}`)
      text += more
      tell?.('response.reasoning_summary_text.delta', `${at},"delta":${JSON.stringify(more)}`)
    },
    close(encrypted) {
      const written = JSON.stringify(text)
      const summary = text === '' ? '' : summaryPart(written)
      if (text !== '') {
        tell?.('response.reasoning_summary_text.done', `${at},"text":${written}`)
        tell?.('response.reasoning_summary_part.done', `${at},"part":${summary}`)
      }
      shelf.keep(place, item(summary, encrypted ?? writeEncrypted(carries, belonging)))
    },
  }
}

/** A reasoning item without text, which only carries; nothing when there is nothing to carry. */
export function addVessel(shelf: ItemShelf, encrypted: string | null): void {
  if (encrypted !== null) openReasoning(shelf).close(encrypted)
}
