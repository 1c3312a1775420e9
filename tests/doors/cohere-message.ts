/** A streamed message put together from its events, as an application of Cohere's client does it, at its strictest. */
import type { Cohere } from 'cohere-ai'

import { asObject } from '#core/domain/json.ts'

/** A message as it is written whole and as it is gathered from a stream. Members that are ours have no type. */
export interface GatheredMessage {
  readonly content: readonly object[]
  readonly calls: readonly Cohere.ToolCallV2[]
  readonly plan: string
  readonly finish: string | undefined
  readonly usage: Cohere.Usage | undefined
}

interface BlockDraft {
  type?: 'text' | 'thinking'
  text?: string
  thinking?: string
  is_refusal?: unknown
  carried?: unknown
}

interface CallDraft {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
  carried?: unknown
}

/** What an application does with the events: blocks and calls by their index, in the order that the grammar allows. */
export function gatherMessage() {
  const blocks: BlockDraft[] = []
  const calls: CallDraft[] = []
  let plan = ''
  let isStarted = false
  let end: Cohere.V2ChatStreamResponse.MessageEnd | undefined
  let openBlock: number | undefined

  const text = () => blocks.map((block) => (block.is_refusal ? '' : (block.text ?? ''))).join('')
  const require = (isRight: boolean, what: string) => {
    if (!isRight) throw new Error(`out of order: ${what}`)
  }

  return {
    text,
    add(event: Cohere.V2ChatStreamResponse): void {
      require(!end, `${event.type} after the end`)
      require(isStarted !== (event.type === 'message-start'), event.type)
      switch (event.type) {
        case 'message-start':
          isStarted = true
          return
        case 'content-start': {
          require(openBlock === undefined && event.index === blocks.length, event.type)
          openBlock = event.index
          blocks.push({ ...event.delta?.message?.content })
          return
        }
        case 'content-delta': {
          require(event.index === openBlock, event.type)
          addPiece(blocks[event.index ?? -1] ?? {}, event.delta?.message?.content ?? {})
          return
        }
        case 'content-end': {
          require(event.index === openBlock, event.type)
          Object.assign(blocks[event.index ?? -1] ?? {}, membersIn(event, 'content'))
          openBlock = undefined
          return
        }
        case 'tool-plan-delta':
          plan += event.delta?.message?.toolPlan ?? ''
          return
        case 'tool-call-start': {
          require(event.index === calls.length && openBlock === undefined, event.type)
          const call = event.delta?.message?.toolCalls
          const { name = '', arguments: written = '' } = call?.function ?? {}
          calls.push({
            ...call,
            id: call?.id ?? '',
            type: 'function',
            function: { name, arguments: written },
          })
          return
        }
        case 'tool-call-delta': {
          require(event.index === calls.length - 1, event.type)
          const call = calls[event.index ?? -1]
          if (call) call.function.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
          return
        }
        case 'tool-call-end':
          require(event.index === calls.length - 1, event.type)
          Object.assign(calls[event.index ?? -1] ?? {}, membersIn(event, 'tool_calls'))
          return
        case 'message-end':
          end = event
          return
        case 'citation-start':
        case 'citation-end':
        case 'debug':
      }
    },
    message(): GatheredMessage {
      const { finishReason: finish, usage } = end?.delta ?? {}
      return { content: blocks, calls, plan, finish, usage }
    },
    /** The message as it goes back into the conversation. */
    assistant(): Cohere.ChatMessageV2.Assistant {
      const content = blocks as Cohere.AssistantMessageV2ContentOneItem[]
      return {
        role: 'assistant',
        ...(content.length > 0 ? { content } : {}),
        ...(plan === '' ? {} : { toolPlan: plan }),
        ...(calls.length > 0 ? { toolCalls: calls } : {}),
      }
    },
    /** What the end says went wrong; a stream without an end is broken too. Undefined for a whole answer. */
    fault(): string | undefined {
      return end ? end.delta?.error : 'the stream ended before the message did'
    },
  }
}

function addPiece(block: BlockDraft, piece: { readonly text?: string; readonly thinking?: string }): void {
  if (piece.text !== undefined) block.text = (block.text ?? '') + piece.text
  if (piece.thinking !== undefined) block.thinking = (block.thinking ?? '') + piece.thinking
}

/** What the end of a block or call brings along. */
function membersIn(event: object, name: 'content' | 'tool_calls'): object {
  return asObject(asObject(asObject(asObject(event)?.['delta'])?.['message'])?.[name]) ?? {}
}
