/** Hears an answer as an application of Cohere's Chat API does: through the official client. */
import { CohereClientV2, CohereError } from 'cohere-ai'
import type { Cohere } from 'cohere-ai'

import type { FinishReason } from '#core/domain/answer.ts'
import type { Carry } from '#core/domain/chat.ts'
import { asNumber, asObject, asString, parseJson } from '#core/domain/json.ts'
import { readCarriedToken } from '#http/carried-token.ts'
import type { DoorReader, Heard, HeardAnswer, HeardFailure } from './door-reader.ts'

export const cohereReader: DoorReader = {
  dialect: 'cohere-chat',
  async ask(address, { model, isStreamed }) {
    const client = new CohereClientV2({ token: 'sbx_good', environment: address, maxRetries: 0 })
    return isStreamed ? hearStream(client, model) : hearWhole(client, model)
  },
}

const question = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Say hello.' }] })

async function hearWhole(client: CohereClientV2, model: string): Promise<Heard> {
  try {
    const { message, finishReason, usage } = await client.chat(question(model))
    return heardAnswer({
      content: message.content ?? [],
      calls: message.toolCalls ?? [],
      plan: message.toolPlan ?? '',
      finish: finishReason,
      usage,
    })
  } catch (thrown) {
    return heardFailure(thrown, '')
  }
}

async function hearStream(client: CohereClientV2, model: string): Promise<Heard> {
  const gathering = createGathering()
  try {
    for await (const event of await client.chatStream(question(model))) gathering.add(event)
    return gathering.heard()
  } catch (thrown) {
    return heardFailure(thrown, gathering.text())
  }
}

/** A message as it is written whole and as it is gathered from a stream. Members that are ours have no type. */
interface Gathered {
  readonly content: readonly object[]
  readonly calls: readonly Cohere.ToolCallV2[]
  readonly plan: string
  readonly finish: string | undefined
  readonly usage: Cohere.Usage | undefined
}

interface BlockDraft {
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
function createGathering() {
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
          const { type: _type, ...block } = event.delta?.message?.content ?? {}
          blocks.push({ ...block })
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
    heard(): Heard {
      const { error, finishReason, usage } = end?.delta ?? {}
      if (!end || error !== undefined) {
        return {
          kind: 'failure',
          status: undefined,
          word: finishReason ?? 'no end',
          message: error ?? 'the stream ended before the message did',
          textBefore: text(),
        }
      }
      return heardAnswer({ content: blocks, calls, plan, finish: finishReason, usage })
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

function heardAnswer({ content, calls, plan, finish, usage }: Gathered): HeardAnswer {
  let text = ''
  let refusal = ''
  let reasoning = ''
  const carried: string[] = []
  for (const item of content) {
    const block = asObject(item) ?? {}
    const said = asString(block['text']) ?? ''
    if (block['is_refusal'] === true) refusal += said
    else text += said
    reasoning += asString(block['thinking']) ?? ''
    carried.push(...tokensIn(block['carried']))
  }
  for (const call of calls) carried.push(...tokensIn(asObject(call)?.['carried']))
  return {
    kind: 'answer',
    text,
    refusal,
    // The plan before tool calls is thinking that is shown, in a place of its own.
    reasoning: reasoning + plan,
    carried,
    calls: calls.map(({ id, function: called }) => {
      const written = called?.arguments ?? ''
      const input = written === '' || written === 'null' ? {} : (parseJson(written) ?? written)
      return { id, name: called?.name ?? '', input }
    }),
    finish: finishWords[finish ?? ''] ?? 'other',
    usage: {
      inputTokens: usage?.tokens?.inputTokens,
      outputTokens: usage?.tokens?.outputTokens,
      cachedInputTokens: usage?.cachedTokens,
      reasoningTokens: asNumber(asObject(usage?.tokens)?.['reasoning_tokens']),
    },
  }
}

const tokenKinds: readonly Carry['kind'][] = ['signature', 'thought_signature', 'encrypted', 'redacted']

function tokensIn(carried: unknown): readonly string[] {
  const carries = typeof carried === 'string' ? readCarriedToken(carried, 'carried') : undefined
  return (carries ?? []).filter(({ kind }) => tokenKinds.includes(kind)).map(({ value }) => value)
}

const finishWords: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR: 'error',
  TIMEOUT: 'error',
}

function heardFailure(thrown: unknown, textBefore: string): HeardFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const isOfApi = error instanceof CohereError
  return {
    kind: 'failure',
    status: isOfApi ? error.statusCode : undefined,
    word: error.constructor.name,
    message: (isOfApi ? asString(asObject(error.body)?.['message']) : undefined) ?? error.message,
    textBefore,
  }
}
