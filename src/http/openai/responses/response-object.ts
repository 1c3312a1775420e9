/** The Response object: what was asked, said back, around what was answered. */
import type { ChatAnswer, Finish } from '#core/domain/answer.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { Receipt } from '#core/gateway/asked.ts'
import { finishMembers } from '#http/openai/chat-answer.ts'
import { createOutputItems } from '#http/openai/responses/output-items.ts'
import type { ItemStatus } from '#http/openai/responses/item-shelf.ts'
import type { ResponseRequest } from '#http/openai/responses/response-request-schema.ts'
import { eventsOf } from '#http/stream-form.ts'

export interface ResponseHead {
  readonly id: string
  /** What the ids of the items have in common. */
  readonly stem: string
  readonly createdAtS: number
  /** The members that repeat the request, as JSON text without braces. */
  readonly echo: string
  readonly awaitsLogprobs: boolean
}

/** Bytes of a provider that speaks this API pass untouched; everything else is written from the words. */
export function writeResponse(answer: ChatAnswer, receipt: Receipt, head: ResponseHead): Uint8Array {
  if (answer.native?.dialect === 'openai-responses') return answer.native.bytes
  const { stem, awaitsLogprobs } = head
  const items = createOutputItems({ stem, awaitsLogprobs })
  const choice = answer.choices[0]
  for (const event of eventsOf({ ...answer, choices: choice ? [{ ...choice, index: 0 }] : [] }))
    items.add(event)
  const ending = endingOf(choice?.finish)
  items.finish(ending.items)
  return Buffer.from(
    responseText(head, {
      ...ending,
      id: head.id,
      createdAtS: answer.createdAtS ?? head.createdAtS,
      model: answer.model || receipt.model,
      output: items.done(),
      usage: receipt.usage,
    }),
  )
}

export interface Ending {
  readonly status: 'completed' | 'incomplete' | 'failed' | 'in_progress'
  /** What becomes of an item that was still open. */
  readonly items: ItemStatus
  readonly incompleteReason?: string | undefined
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** The provider's own words about the end: members that only we add. */
  readonly more?: JsonObject | undefined
}

/** A call that the caller must run ends a response as completely as words do. */
export function endingOf(finish: Finish | undefined): Ending {
  const ending = endingBy(finish)
  return finish && ending.status !== 'completed' ? { ...ending, more: finishMembers(finish) } : ending
}

function endingBy(finish: Finish | undefined): Ending {
  switch (finish?.unified) {
    case 'length':
      return { status: 'incomplete', items: 'incomplete', incompleteReason: 'max_output_tokens' }
    case 'content_filter':
      return { status: 'incomplete', items: 'incomplete', incompleteReason: 'content_filter' }
    case 'error': {
      const message = `The model stopped with an error (${finish.raw ?? 'unknown'}).`
      return { status: 'failed', items: 'incomplete', error: { code: 'server_error', message } }
    }
    case 'stop':
    case 'tool_calls':
    case 'pause':
    case 'other':
    case undefined:
      return { status: 'completed', items: 'completed' }
  }
}

export interface ResponseState extends Ending {
  readonly id: string
  readonly createdAtS: number
  readonly model: string
  readonly output: readonly string[]
  /** Undefined while nothing is counted. */
  readonly usage?: Usage | undefined
}

export function responseText({ echo }: ResponseHead, state: ResponseState): string {
  const start = JSON.stringify({
    id: state.id,
    object: 'response',
    created_at: state.createdAtS,
    status: state.status,
    background: false,
    error: state.error ?? null,
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    model: state.model,
  })
  const more = state.more ? JSON.stringify(state.more).slice(1, -1) : ''
  const usage = state.usage ? JSON.stringify(writeResponseUsage(state.usage)) : 'null'
  return `${start.slice(0, -1)},${echo},"output":[${state.output.join(',')}],"usage":${usage}${more === '' ? '' : `,${more}`}}`
}

/** Counts that the provider did not give are 0 in this form, which has no way to say so. */
export function writeResponseUsage(usage: Usage): JsonObject {
  const inputTokens = usage.inputTokens ?? 0
  const outputTokens = usage.outputTokens ?? 0
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  }
}

/** What was not stated is said as OpenAI says its defaults, or as null where each provider has its own. */
export function echoOf(request: ResponseRequest): string {
  const echo: { [name: string]: JsonValue } = {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: {
      effort: request.reasoning?.effort ?? null,
      summary: request.reasoning?.summary ?? request.reasoning?.generate_summary ?? null,
    },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: 'default',
    store: false,
    temperature: request.temperature ?? null,
    text: {
      format: formatEcho(request),
      verbosity: request.text?.verbosity ?? 'medium',
    },
    tool_choice: (request.tool_choice ?? 'auto') as JsonValue,
    tools: (request.tools ?? []).map(toolEcho),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: request.truncation ?? 'disabled',
    user: request.user ?? null,
  }
  return JSON.stringify(echo).slice(1, -1)
}

function formatEcho(request: ResponseRequest): JsonObject {
  const format = request.text?.format
  if (!format) return { type: 'text' }
  if (format.type !== 'json_schema') return { type: format.type }
  const { name, schema, strict, description } = format
  return { type: 'json_schema', name, description: description ?? null, schema, strict: strict ?? false }
}

function toolEcho(tool: NonNullable<ResponseRequest['tools']>[number]): JsonValue {
  const written = tool as JsonObject
  if (tool.type !== 'function') return written
  return {
    description: null,
    ...written,
    parameters: written['parameters'] ?? null,
    strict: written['strict'] ?? true,
  }
}
