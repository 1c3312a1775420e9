/**
 * Members that Signalbox adds to Cohere's messages, and their removal from a request that goes on to Cohere itself.
 *
 * The official client keeps members that it does not know, in answers as well as in requests, so an application that
 * returns `response.message` as it came returns these too:
 * - `carried` on a part of `content` and on a tool call: tokens of another provider that must come back in place.
 * - `is_refusal` on a text part: the model refused to answer.
 * - `images` and `audio` on a message: media that the model produced. Pictures follow in the user's next words.
 *
 * In a stream they stand in the same places of the deltas: a block's token on its `content-end`, a call's on its
 * `tool-call-start`, or on its `tool-call-end` when it came later. A client that builds the message anew from names,
 * ids and arguments, as the AI SDK does, has no place for tokens at all: the next turn is then asked without them, which
 * every provider takes (Gemini through the stand-in that Google documents, Anthropic without the earlier thinking).
 */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { NativeRequest } from '#core/domain/chat.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'

/** The request as Cohere knows it: the caller's own text wherever nothing of ours is in its messages. */
export function nativeRequest({ value, text, members }: JsonBody): NativeRequest {
  const native: NativeRequest = { dialect: 'cohere-chat', body: value, text, members }
  const wire = asArray(value['messages'])
  const messages = wire.flatMap((message) => [cleanMessage(message), ...shownImages(message)])
  if (messages.length === wire.length && messages.every((message, at) => message === wire[at])) return native
  const clean = spliceMembers(native, { messages })
  return {
    dialect: 'cohere-chat',
    body: { ...value, messages },
    text: clean,
    members: scanJson(clean, { ...jsonBodyLimits, depthMax: Number.POSITIVE_INFINITY }).members,
  }
}

/** Cohere's messages have no place for pictures that a model made: the user shows them after that turn. */
function shownImages(message: JsonValue): readonly JsonObject[] {
  const body = asObject(message)
  const images = body?.['role'] === 'assistant' ? asArray(body['images']) : []
  if (images.length === 0 || asArray(body?.['tool_calls']).length > 0) return []
  return [{ role: 'user', content: [{ type: 'text', text: 'From the assistant:' }, ...images] }]
}

function cleanMessage(message: JsonValue): JsonValue {
  const body = asObject(message)
  if (body?.['role'] === 'developer') return { ...body, role: 'system' }
  if (body?.['role'] !== 'assistant') return message
  const content = cleanItems(body['content'])
  const calls = cleanItems(body['tool_calls'])
  const hasMedia = body['images'] !== undefined || body['audio'] !== undefined
  if (content === body['content'] && calls === body['tool_calls'] && !hasMedia) return message
  const { images: _images, audio: _audio, ...rest } = body
  const isEmptied = Array.isArray(content) && content.length === 0
  // Cohere takes no empty list; a message that was nothing but tokens says nothing.
  const said = isEmptied ? (asArray(calls).length > 0 ? undefined : '') : content
  return { ...rest, content: said, ...(calls === undefined ? {} : { tool_calls: calls }) }
}

/** The same list when nothing in it is ours. */
function cleanItems(items: JsonValue | undefined): JsonValue | undefined {
  const list = asArray(items)
  if (!list.some((item) => hasOwnMember(asObject(item)))) return items
  return list.flatMap((item) => {
    const body = asObject(item)
    if (!body || !hasOwnMember(body)) return [item]
    const { carried: _carried, is_refusal: _isRefusal, ...rest } = body
    // Nothing but a token of another provider: hidden thoughts, or the place of a signature.
    return rest['thinking'] === '' || rest['text'] === '' ? [] : [rest]
  })
}

const hasOwnMember = (item: JsonObject | undefined) =>
  item !== undefined && (item['carried'] !== undefined || item['is_refusal'] !== undefined)
