/** The `reasoning_details` of a streamed answer, gathered part by part until it ends. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { writeReasoningDetails } from '#http/openai/reasoning-details.ts'

export interface GrowingDetails {
  addText(event: Extract<ChatEvent, { type: 'text-delta' }>): void
  addReasoning(text: string, begins: boolean): void
  /** Belongs to what was added last. */
  addCarry(carry: Carry): void
  addPart(part: Part): void
  endPart(): void
  /** Every entry, with whatever was still open. */
  all(): readonly JsonObject[]
}

interface OpenPart {
  readonly type: 'text' | 'reasoning'
  readonly isToolPlan: boolean
  text: string
  readonly carry: Carry[]
}

export function createGrowingDetails(): GrowingDetails {
  const entries: JsonObject[] = []
  let open: OpenPart | undefined
  let lastWhole: Part | undefined
  let index = 0

  const endPart = () => {
    if (open) addWhole(open)
    open = undefined
  }
  const addWhole = (part: OpenPart | Part) => {
    const written = writeReasoningDetails(part, index)
    if (written.length > 0) index++
    entries.push(...written)
  }
  const partOf = (type: OpenPart['type'], isToolPlan: boolean, begins: boolean): OpenPart => {
    if (!open || begins || open.type !== type || open.isToolPlan !== isToolPlan) {
      endPart()
      lastWhole = undefined
      open = { type, isToolPlan, text: '', carry: [] }
    }
    return open
  }

  return {
    addText({ text, isToolPlan, begins }) {
      const part = partOf('text', isToolPlan === true, begins === true)
      // Of the answer's own text only the tokens are told here.
      if (part.isToolPlan) part.text += text
    },
    addReasoning(text, begins) {
      partOf('reasoning', false, begins).text += text
    },
    addCarry(carry) {
      // A part that came complete may hold its tokens already.
      if (lastWhole?.carry?.includes(carry)) return
      if (lastWhole) addWhole({ ...lastWhole, carry: [carry] })
      else (open ?? partOf('text', false, true)).carry.push(carry)
    },
    addPart(part) {
      endPart()
      addWhole(part)
      lastWhole = part
    },
    endPart() {
      endPart()
      lastWhole = undefined
    },
    all() {
      endPart()
      return entries
    },
  }
}
