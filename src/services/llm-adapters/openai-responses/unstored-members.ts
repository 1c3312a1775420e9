/** What a caller's own request must say so that nothing of it is stored at the provider by our doing. */
import { asArray } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Target } from '#core/domain/target.ts'

const encryptedReasoning = 'reasoning.encrypted_content'

/**
 * The members `store` and `include`, where they must change: OpenAI stores whatever is not forbidden (Responses API
 * reference, `store`). A caller who leaves the word out will send earlier thinking back by itself, so it must come
 * along encrypted: an id alone would be looked up and not found.
 */
export function unstoredMembers(
  body: JsonObject,
  target: Target,
): { readonly store?: false; readonly include?: readonly JsonValue[] } {
  const { store } = body
  if (store === true || store === false) return {}
  const included = asArray(body['include'])
  if (!target.card.abilities.has('reasoning') || included.includes(encryptedReasoning))
    return { store: false }
  return { store: false, include: [...included, encryptedReasoning] }
}
