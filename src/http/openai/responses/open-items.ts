/** The items of a response that are still growing, and the rule for when one ends because another begins. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Writable } from '#core/domain/writable.ts'
import { planCarry } from '#http/openai/responses/carried-reasoning.ts'
import type { Belonging } from '#http/openai/responses/carried-reasoning.ts'
import type { ItemShelf, ItemStatus } from '#http/openai/responses/item-shelf.ts'
import { createOpenCalls } from '#http/openai/responses/open-calls.ts'
import type { OpenCalls } from '#http/openai/responses/open-calls.ts'
import { openMessage } from '#http/openai/responses/output-message.ts'
import type { OpenMessage } from '#http/openai/responses/output-message.ts'
import { openReasoning } from '#http/openai/responses/output-reasoning.ts'
import type { OpenReasoning } from '#http/openai/responses/output-reasoning.ts'

export interface OpenItems {
  /** The message that is open, or else a new one. */
  message(): OpenMessage
  readonly messageNow: OpenMessage | undefined
  /** The reasoning item that is open with this belonging, or else a new one. */
  reasoning(belonging?: Belonging): OpenReasoning
  endReasoning(): void
  beginCall(event: Extract<ChatEvent, { type: 'tool-call-start' }>): void
  readonly calls: OpenCalls
  /** Everything that can end now does, since an item of another kind follows. */
  endForItem(): void
  finish(status: ItemStatus): void
}

/** `keepsText`: a call does not end the text before it, whose token probabilities come last. */
export function createOpenItems(shelf: ItemShelf, keepsText: boolean): OpenItems {
  const calls = createOpenCalls(shelf)
  let reasoning: OpenReasoning | undefined

  const endMessage = (status: ItemStatus = 'completed') => {
    items.messageNow?.close(status)
    items.messageNow = undefined
  }
  const endReasoning = () => {
    reasoning?.close()
    reasoning = undefined
  }
  const endForItem = () => {
    endReasoning()
    endMessage()
    calls.endWhole()
  }

  const items: Writable<OpenItems> = {
    calls,
    messageNow: undefined,
    message() {
      if (items.messageNow) return items.messageNow
      endForItem()
      items.messageNow = openMessage(shelf)
      return items.messageNow
    },
    reasoning(belonging) {
      if (reasoning && reasoning.belonging?.kind === belonging?.kind) return reasoning
      endForItem()
      reasoning = openReasoning(shelf, belonging)
      if (belonging?.kind === 'plan') reasoning.carries.push(planCarry)
      return reasoning
    },
    endReasoning,
    beginCall(event) {
      endReasoning()
      if (!keepsText) endMessage()
      calls.endWhole()
      calls.begin(event)
    },
    endForItem,
    finish(status) {
      endReasoning()
      endMessage(status)
      calls.finish(status)
    },
  }
  return items
}
