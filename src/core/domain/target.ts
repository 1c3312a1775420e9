/** A target: one model at one provider, ready to be asked. */
import type { Dialect } from '#core/domain/chat.ts'
import type { ModelCard } from '#core/domain/model-card.ts'

export interface Target {
  readonly provider: ProviderRow
  readonly card: ModelCard
  /** The model name that goes on the wire. */
  readonly model: string
}

const names = new WeakMap<Target, string>()

/** `provider/model`: the name of a target in logs, rows, metrics and breakers. */
export function targetName(target: Target): string {
  const known = names.get(target)
  if (known !== undefined) return known
  // Put together once: maps find a string that they have seen before several times faster.
  const name = `${target.provider.name}/${target.model}`
  names.set(target, name)
  return name
}

/** What is known at this moment about a target's health. */
export interface TargetSignal {
  readonly isAvailable: boolean
  /** From 0 to 1; undefined before anything was counted. */
  readonly successRate: number | undefined
  /** How long the first content takes on average. */
  readonly latencyMs: number | undefined
}

/** A provider as data: where it is, what it speaks, how its key travels, what is odd about it. */
export interface ProviderRow {
  readonly name: string
  readonly title: string
  readonly dialect: Dialect
  /** Origin and path prefix, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  /** How the key travels: header name and what stands before the key. `none` for servers without keys. */
  readonly auth: { readonly header: string; readonly prefix: string } | 'none'
  /** The environment variables that usually hold the key, first found wins. */
  readonly keyNames: readonly string[]
  /** The secret's name in the key vault, when the operator named one. */
  readonly vaultKeyName?: string | undefined
  /** Several addresses or keys that serve the same models as one pool; undefined when there is one of each. */
  readonly outlets?: readonly Outlet[] | undefined
  /** Headers that every call carries. */
  readonly headers: Readonly<Record<string, string>>
  readonly quirks: ReadonlySet<ProviderQuirk>
  /** Azure and its like: deployment addresses and the api-version parameter. */
  readonly addressForm?: { readonly kind: 'azure-deployment'; readonly apiVersion: string } | undefined
  /** Answers are made up here, not by a model. */
  readonly isSimulated: boolean
}

/** One of several addresses or keys of a provider; see track.ts. */
export interface Outlet {
  /** The operator's name for this address; undefined when there is only one. */
  readonly region: string | undefined
  readonly baseUrl: string
  readonly addressForm: ProviderRow['addressForm']
  /** The key's name in the key vault; undefined when the usual names hold. Never the key itself. */
  readonly credential: string | undefined
  /** Its share of the requests, beside the other weights. */
  readonly weight: number
}

/** Known departures from a dialect, as data that the adapter reads. */
export type ProviderQuirk =
  /** Takes `max_tokens` where OpenAI wants `max_completion_tokens`. */
  | 'max_tokens_word'
  /** Refuses or ignores `stream_options`. */
  | 'no_stream_options'
  /** Tool call ids must be exactly nine letters or digits. */
  | 'nine_character_tool_ids'
  /** `completion_tokens` leaves reasoning out. */
  | 'reasoning_beside_output'
  /** `prompt_tokens` leaves audio out. */
  | 'audio_beside_input'
  /** Wants `reasoning_content` back after tool calls. */
  | 'reasoning_content_returned'
  /** Does not know the role `developer`. */
  | 'no_developer_role'
  /** May end a stream without `[DONE]`. */
  | 'no_done_marker'
  /** May send thinking inside `<think>` tags. */
  | 'think_tags'
  /** A named tool choice is unknown: send only that tool and `required`. */
  | 'no_named_tool_choice'
  /** Knows `top_k`, which OpenAI itself does not. */
  | 'takes_top_k'
  /** Calls the seed `random_seed`. */
  | 'random_seed_word'
  /** Refuses `user`. */
  | 'no_end_user'
  /** Wants back what it sent beside a message's text: `reasoning_details`, `extra_content`. */
  | 'reply_members_returned'
  /** Refuses in earlier answers what OpenAI and its clients put there: `annotations`, `refusal`, `parsed`. */
  | 'no_answer_echoes'
  /** Answers in forms that OpenAI's clients do not read: lists of content, calls without a type. */
  | 'own_answer_forms'
  /** Calls the wished length of embeddings `output_dimension`. */
  | 'output_dimension_word'
  /** Ranks documents at `/rerank`, as Cohere does. */
  | 'ranks_documents'
  /** Judges content at `/moderations`, as OpenAI does. */
  | 'moderates'
  /** Counts the tokens of a question at `/responses/input_tokens`, as OpenAI does. */
  | 'counts_input'
  /** Answers OpenAI's Responses beside chat completions, at the same address. */
  | 'speaks_responses'
  /** Shows no thinking in chat completions. */
  | 'hides_thinking'
  /** Knows tools with JSON arguments only, none that take free text. */
  | 'functions_only'
  /** Takes `cache_control` on parts and tools. */
  | 'takes_cache_marks'
