/** Moderation as OpenAI offers it, and Mistral in nearly the same form: `POST /moderations`. */
import type { ModerateAnswer, ModerateErrand, ModerateVerdict } from '#core/domain/errand.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Usage } from '#core/domain/usage.ts'
import type { CallTerms, HttpCall, WholeReply } from '#services/llm-adapters/adapter.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { endpointPath } from '#services/llm-adapters/openai-chat/endpoint-path.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { usageOfChat } from '#services/llm-adapters/openai-chat/read-usage.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'

/** Source: OpenAI API reference, "Create moderation"; Mistral API reference, "Moderations". */
export const openAiModerations: ErrandAdapter<'moderate'> = {
  encode: (errand, target, terms) => [callOf(errand, target, terms)],
  decode([reply], errand, target) {
    if (!reply) throw malformed('no reply', target)
    return readVerdicts(reply, errand, target)
  },
  explain: explainOpenAi,
}

/** The caller's own text with the model's name put right. Only OpenAI's own endpoint asks for moderation. */
function callOf({ native }: ModerateErrand, target: Target, terms: CallTerms): HttpCall {
  if (!native) throw new Problem('internal_error', { detail: 'a moderation came without its own text' })
  const model = native.body['model'] === target.model ? undefined : target.model
  return {
    path: endpointPath(target, '/moderations'),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-client-request-id': terms.requestId,
    },
    body: spliceMembers(native, { model }),
    isStreamed: false,
    dropped: [],
  }
}

/** Throws `provider_malformed` when there is not one verdict for each input. */
function readVerdicts(reply: WholeReply, { inputs }: ModerateErrand, target: Target): ModerateAnswer {
  const body = jsonReply(reply, target)
  const entries = asArray(body['results']).map((entry) => asObject(entry))
  const results = entries.map((entry) => verdictOf(entry, target))
  if (results.length !== inputs.length) {
    throw malformed(`${results.length} verdicts for ${inputs.length} inputs`, target)
  }
  // Mistral leaves out whether anything was flagged at all, which OpenAI's clients read first.
  const isWhole = entries.every((entry) => typeof entry?.['flagged'] === 'boolean')
  return {
    id: asString(body['id']) ?? '',
    model: asString(body['model']) ?? '',
    results,
    usage: usageOf(body, target),
    ...(isWhole ? { native: { dialect: 'openai-chat', bytes: reply.body } } : {}),
  }
}

function verdictOf(entry: JsonObject | undefined, target: Target): ModerateVerdict {
  const categories = asObject(entry?.['categories'])
  if (!entry || !categories) throw malformed('a verdict without categories', target)
  const flags = Object.entries(categories).map(([name, isFlagged]) => [name, isFlagged === true] as const)
  const scores = Object.entries(asObject(entry['category_scores']) ?? {}).flatMap(([name, value]) => {
    const score = asNumber(value)
    return score === undefined ? [] : [[name, score] as const]
  })
  const inputTypes = asObject(entry['category_applied_input_types'])
  return {
    isFlagged: entry['flagged'] === true || flags.some(([, isFlagged]) => isFlagged),
    categories: Object.fromEntries(flags),
    scores: Object.fromEntries(scores),
    ...(inputTypes ? { inputTypes: textsByName(inputTypes) } : {}),
  }
}

function textsByName(types: JsonObject): Readonly<Record<string, readonly string[]>> {
  const isText = (type: JsonValue): type is string => typeof type === 'string'
  return Object.fromEntries(Object.entries(types).map(([name, list]) => [name, asArray(list).filter(isText)]))
}

function usageOf(body: JsonObject, target: Target): Usage {
  const usage = usageOfChat(body, target.provider.quirks) ?? unknownUsage
  return { ...usage, outputTokens: 0 }
}
