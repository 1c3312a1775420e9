/** A tool call of the output while its arguments grow. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { parseJson } from '#core/domain/json.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { ItemShelf, ItemStatus } from '#http/openai/responses/item-shelf.ts'

export interface OpenCall {
  readonly callId: string
  /** Tokens that must come back with the call. */
  readonly carries: Carry[]
  readonly isClosed: boolean
  addArguments(text: string): void
  /** Whether the arguments cannot go on. */
  isWhole(): boolean
  close(status: ItemStatus): void
}

interface CallForm {
  readonly prefix: string
  readonly type: string
  /** The member that holds what the model wrote. */
  readonly member: string
  readonly delta: string
  readonly done: string
}

const forms: Readonly<Record<'function' | 'custom', CallForm>> = {
  function: {
    prefix: 'fc',
    type: 'function_call',
    member: 'arguments',
    delta: 'response.function_call_arguments.delta',
    done: 'response.function_call_arguments.done',
  },
  custom: {
    prefix: 'ctc',
    type: 'custom_tool_call',
    member: 'input',
    delta: 'response.custom_tool_call_input.delta',
    done: 'response.custom_tool_call_input.done',
  },
}

export function openCall(
  shelf: ItemShelf,
  { id: callId, name, kind }: Extract<ChatEvent, { type: 'tool-call-start' }>,
): OpenCall {
  const form = forms[kind]
  const place = shelf.place(form.prefix)
  const { index, id } = place
  const { tell } = shelf
  const at = `"item_id":"${id}","output_index":${index}`
  const head = `{"id":"${id}","type":"${form.type}","status":`
  const tail = `"call_id":${JSON.stringify(callId)},"name":${JSON.stringify(name)}}`
  const item = (status: string, written: string) => `${head}"${status}","${form.member}":${written},${tail}`
  let text = ''

  shelf.begin(place, item('in_progress', '""'))

  const addArguments = (more: string) => {
    if (more === '' || call.isClosed) return
    text += more
    tell?.(form.delta, `${at},"delta":${JSON.stringify(more)}`)
  }

  const call: Writable<OpenCall> = {
    callId,
    carries: [],
    isClosed: false,
    addArguments,
    isWhole: () => kind === 'custom' || parseJson(text) !== undefined,
    close(status) {
      // A function called without arguments has `{}`: clients parse what they collected, and "" is not JSON.
      if (kind === 'function' && text.trim() === '' && status === 'completed') addArguments('{}')
      call.isClosed = true
      const written = JSON.stringify(text)
      tell?.(form.done, `${at},"${form.member}":${written}`)
      shelf.keep(place, item(status, written))
    },
  }
  return call
}
