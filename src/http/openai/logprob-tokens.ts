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
    case 'anthropic-messages':
      return []
  }
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
