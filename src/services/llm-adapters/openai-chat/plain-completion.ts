/** A whole chat completion passed on as it came: metering takes its numbers, and its words wait until somebody looks. */
import type { ChatAnswer } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'
import { readCompletion } from '#services/llm-adapters/openai-chat/decode.ts'
import type { Completion } from '#services/llm-adapters/openai-chat/decode.ts'
import { finishOfChat } from '#services/llm-adapters/openai-chat/read-finish.ts'
import { usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'

/** Undefined when the completion is not one choice of text with its usage, and must be read in full. */
export function readPlainCompletion(completion: Completion, context: DecodeContext): ChatAnswer | undefined {
  const { body } = completion
  const finish = finishOfText(body)
  if (finish === undefined) return undefined
  const usage = usageOfChat(body, context.target.provider.quirks)
  return usage && new PlainCompletion(completion, context, { usage, finish })
}

/** The finish word of the only choice, when that is text and nothing that ends otherwise than it says. */
function finishOfText(body: JsonObject): string | undefined {
  const choices = asArray(body['choices'])
  const choice = choices.length === 1 ? asObject(choices[0]) : undefined
  const message = asObject(choice?.['message'])
  if (!choice || !message || typeof message['content'] !== 'string') return undefined
  const isMore = choice['error'] ?? message['tool_calls'] ?? message['function_call']
  return isMore === undefined || isMore === null ? asString(choice['finish_reason']) : undefined
}

/** A class, because a getter in an object's own text is slow to make for each answer. */
class PlainCompletion implements ChatAnswer {
  readonly id: ChatAnswer['id']
  readonly model: ChatAnswer['model']
  readonly usage: ChatAnswer['usage']
  readonly native: ChatAnswer['native']
  readonly #completion: Completion
  readonly #context: DecodeContext
  #read: ChatAnswer | undefined

  constructor(
    completion: Completion,
    context: DecodeContext,
    { usage, finish }: { readonly usage: ChatAnswer['usage']; readonly finish: string },
  ) {
    const { body, bytes } = completion
    this.id = asString(body['id']) ?? ''
    this.model = asString(body['model']) ?? ''
    this.usage = usage
    this.native = { dialect: 'openai-chat', bytes, finish: finishOfChat(finish, false) }
    this.#completion = completion
    this.#context = context
  }

  get choices(): ChatAnswer['choices'] {
    this.#read ??= readCompletion(this.#completion, this.#context)
    return this.#read.choices
  }
}
