/** The tool calls of a response that are still growing, several at a time where a provider mixes them. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { writeEncrypted } from '#http/openai/responses/carried-reasoning.ts'
import type { ItemShelf, ItemStatus } from '#http/openai/responses/item-shelf.ts'
import { openCall } from '#http/openai/responses/output-call.ts'
import type { OpenCall } from '#http/openai/responses/output-call.ts'
import { addVessel } from '#http/openai/responses/output-reasoning.ts'

export interface OpenCalls {
  begin(event: Extract<ChatEvent, { type: 'tool-call-start' }>): void
  addArguments(call: number, text: string): void
  /** The token follows its call at once when the call has ended, and otherwise when it does. */
  addCarry(call: number, carry: Carry): void
  /** A call whose arguments are whole can be run at once; one that may still grow stays open. */
  endWhole(): void
  finish(status: ItemStatus): void
}

export function createOpenCalls(shelf: ItemShelf): OpenCalls {
  const calls = new Map<number, OpenCall>()

  const end = (call: OpenCall, status: ItemStatus) => {
    if (call.isClosed) return
    call.close(status)
    if (call.carries.length > 0) addVessel(shelf, vesselOf(call, call.carries))
  }

  return {
    begin(event) {
      calls.set(event.call, openCall(shelf, event))
    },
    addArguments: (call, text) => calls.get(call)?.addArguments(text),
    addCarry(number, carry) {
      const call = calls.get(number)
      if (call?.isClosed) addVessel(shelf, vesselOf(call, [carry]))
      else call?.carries.push(carry)
    },
    endWhole() {
      for (const call of calls.values()) if (!call.isClosed && call.isWhole()) end(call, 'completed')
    },
    finish(status) {
      for (const call of calls.values()) end(call, call.isWhole() ? 'completed' : status)
    },
  }
}

const vesselOf = ({ callId }: OpenCall, carries: readonly Carry[]) =>
  writeEncrypted(carries, { kind: 'call', callId })
