/** A whole chat completion passed on as it came, read only as far as metering needs, when it is an ordinary one. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { DecodeContext, WholeReply } from '#services/llm-adapters/adapter.ts'
import { decodeOpenAiChat } from '#services/llm-adapters/openai-chat/decode.ts'
import { finishOfChat } from '#services/llm-adapters/openai-chat/read-finish.ts'
import { usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'

/** Members that make a completion more than one choice of text: calls, failures, thinking counted elsewhere. */
const extraordinary = ['"error"', '"tool_calls"', '"function_call"', '"x_groq"']
const finishName = '"finish_reason":'
const usageName = '"usage":{'

/**
 * The answer whose words are read only if somebody looks at them; undefined when the reply is not one choice of text
 * with its usage, and must be read in full. Quotes inside a JSON string are escaped, so text that the model writes
 * never looks like a member's name.
 */
export function readPlainCompletion(reply: WholeReply, context: DecodeContext): ChatAnswer | undefined {
  const bytes = Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength)
  // One character for each byte: enough to find ASCII names, whatever the text between them.
  const text = bytes.toString('latin1')
  if (!text.startsWith('{"id":"')) return undefined
  if (extraordinary.some((name) => text.includes(name))) return undefined
  const finish = finishWordOf(text)
  const usage = usageObjectOf(text)
  if (finish === undefined || usage === undefined) return undefined
  const tier = memberText(text, '"service_tier":"')
  const counted = usageOfChat({ usage, service_tier: tier }, context.target.provider.quirks)
  if (!counted) return undefined

  return new PlainCompletion(reply, context, {
    id: memberText(text, '"id":"') ?? '',
    model: memberText(text, '"model":"') ?? '',
    usage: counted,
    native: { dialect: 'openai-chat', bytes: reply.body, finish: finishOfChat(finish, false) },
  })
}

/** A class, because a getter in an object's own text is slow to make for each answer. */
class PlainCompletion implements ChatAnswer {
  readonly id: ChatAnswer['id']
  readonly model: ChatAnswer['model']
  readonly usage: ChatAnswer['usage']
  readonly native: ChatAnswer['native']
  readonly #reply: WholeReply
  readonly #context: DecodeContext
  #read: ChatAnswer | undefined

  constructor(
    reply: WholeReply,
    context: DecodeContext,
    { id, model, usage, native }: Omit<ChatAnswer, 'choices'>,
  ) {
    this.id = id
    this.model = model
    this.usage = usage
    this.native = native
    this.#reply = reply
    this.#context = context
  }

  get choices(): ChatAnswer['choices'] {
    this.#read ??= decodeOpenAiChat(this.#reply, this.#context)
    return this.#read.choices
  }
}

/** The only finish word; undefined when there is none, or more than one choice. */
function finishWordOf(text: string): string | undefined {
  const at = text.indexOf(finishName)
  if (at === -1 || text.includes(finishName, at + finishName.length)) return undefined
  return memberText(text.slice(at), `${finishName}"`)
}

/** The usage object that ends the reply, but for plain members after it; undefined when the reply ends otherwise. */
function usageObjectOf(text: string): JsonObject | undefined {
  const at = text.lastIndexOf(usageName)
  if (at === -1) return undefined
  const start = at + usageName.length - 1
  let depth = 0
  for (let end = start; end < text.length; end += 1) {
    const character = text.charCodeAt(end)
    // Usage is numbers and names: a brace inside a string would only make the slice no JSON.
    if (character === openBrace) depth += 1
    else if (character === closeBrace && --depth === 0) {
      return isPlainTail(text.slice(end + 1)) ? asObject(parseJson(text.slice(start, end + 1))) : undefined
    }
  }
  return undefined
}

/** Whether the reply's last brace, and no other, comes after the usage: a reply that was cut has none. */
function isPlainTail(tail: string): boolean {
  const close = tail.indexOf('}')
  return close !== -1 && tail.slice(close + 1).trim() === '' && !tail.includes('{')
}

const openBrace = 0x7b
const closeBrace = 0x7d

/** A short text member without escapes, as ids, model names and finish words are. */
function memberText(text: string, opening: string): string | undefined {
  const at = text.indexOf(opening)
  if (at === -1) return undefined
  const start = at + opening.length
  const value = text.slice(start, text.indexOf('"', start))
  return value.includes('\\') ? asString(parseJson(`"${value}"`)) : value
}
