/** A whole reply as the JSON object that it must be. */
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { asBuffer } from '#services/llm-adapters/wire/byte-hold.ts'

/** Throws `provider_malformed` for anything else. */
export function jsonReply(reply: WholeReply, target: Target): JsonObject {
  const object = asObject(parseJson(asBuffer(reply.body).toString('utf8')))
  if (object) return object
  throw malformed('a reply that is not a JSON object', target)
}

/** `what` completes "The provider sent ...". */
export function malformed(what: string, target: Target): Problem {
  return new Problem('provider_malformed', {
    detail: `The provider sent ${what}.`,
    provider: target.provider.name,
  })
}
