/** Token log-probabilities of any provider in OpenAI's form, as far as the provider says what a token is. */
import type { Logprobs } from '#core/domain/answer.ts'
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'

/** Tokens as `{token, logprob, bytes, top_logprobs}`; none where the provider gives them without their text. */
export function tokensOfLogprobs({ origin, value }: Logprobs): readonly JsonValue[] {
  const members = asObject(value) ?? {}
  switch (origin) {
    case 'openai-chat':
    case 'openai-responses':
      return asArray(members['content'])
    case 'gemini-generate':
      return geminiTokens(members)
    case 'cohere-chat':
      return asArray(value).flatMap(cohereTokens)
    case 'anthropic-messages':
      return []
  }
}

/** Cohere gives a text for one or more tokens together: it stands at the first of them. */
function cohereTokens(group: JsonValue): readonly JsonValue[] {
  const members = asObject(group) ?? {}
  const text = asString(members['text']) ?? ''
  return asArray(members['logprobs']).map((logprob, index) => {
    const token = index === 0 ? text : ''
    return { token, logprob: asNumber(logprob) ?? 0, bytes: [...Buffer.from(token)], top_logprobs: [] }
  })
}

function geminiTokens(members: JsonObject): readonly JsonValue[] {
  const top = asArray(members['topCandidates'])
  return asArray(members['chosenCandidates']).map((chosen, index) => ({
    ...tokenOf(chosen),
    top_logprobs: asArray(asObject(top[index])?.['candidates']).map(tokenOf),
  }))
}

function tokenOf(candidate: JsonValue): JsonObject {
  const members = asObject(candidate) ?? {}
  const token = asString(members['token']) ?? ''
  return { token, logprob: asNumber(members['logProbability']) ?? 0, bytes: [...Buffer.from(token)] }
}
