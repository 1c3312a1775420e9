/** The request for a target that speaks Gemini: the caller's own bytes, without the tokens of other providers. */
import type { NativeRequest } from '#core/domain/chat.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import { isRefusal } from '#http/gemini/content-parts.ts'
import { isOfGateway, isSignatureOfGemini, readThoughtToken } from '#http/gemini/thought-token.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'

/**
 * Stands for the signature of a call that another model made. Source: Gemini API guide, "Thought signatures".
 */
const signatureOfForeignCall = 'skip_thought_signature_validator'

/** Only a conversation that another provider took part in, or one in a shorthand, is written anew, and of it only `contents`. */
export function nativeOf(body: JsonBody): NativeRequest {
  const native: NativeRequest = {
    dialect: 'gemini-generate',
    body: body.value,
    text: body.text,
    members: body.members,
  }
  const { contents } = body.value
  const mended = contentsFor(contents)
  if (mended === contents || mended === undefined) return native
  const text = spliceMembers(native, { contents: mended })
  return {
    ...native,
    body: { ...body.value, contents: mended },
    text,
    members: scanJson(text, { ...jsonBodyLimits, depthMax: Infinity }).members,
  }
}

function contentsFor(contents: JsonValue | undefined): JsonValue | undefined {
  if (typeof contents === 'string') return [{ role: 'user', parts: [{ text: contents }] }]
  let isChanged = false
  const mended = listOf(contents).map((entry) => {
    const content = asObject(entry)
    const parts = content && partsFor(content['parts'])
    if (!content || parts === content['parts']) return entry
    isChanged = true
    return { ...content, parts }
  })
  return isChanged ? mended : contents
}

/** The same value when nothing in it must change. */
function partsFor(parts: JsonValue | undefined): JsonValue | undefined {
  if (typeof parts === 'string') return [{ text: parts }]
  let isChanged = false
  const mended = listOf(parts).flatMap((entry): readonly JsonValue[] => {
    if (typeof entry === 'string') {
      isChanged = true
      return [{ text: entry }]
    }
    const part = asObject(entry)
    const name = part?.['thought_signature'] === undefined ? 'thoughtSignature' : 'thought_signature'
    const signature = asString(part?.[name])
    if (part && isRefusal({ value: part, path: '' })) {
      isChanged = true
      return [{ text: asString(part['text']) ?? '' }]
    }
    if (!part || signature === undefined || !isOfGateway(signature)) return [entry]
    isChanged = true
    return unsigned(part, name, signature)
  })
  return isChanged ? mended : parts
}

/** One object alone stands for a list of one. */
const listOf = (value: JsonValue | undefined): readonly JsonValue[] => {
  const object = asObject(value)
  return object ? [object] : asArray(value)
}

function unsigned(part: JsonObject, name: string, signature: string): readonly JsonObject[] {
  const { [name]: _signature, ...rest } = part
  const own = readThoughtToken(signature, name).own.find(isSignatureOfGemini)
  if (own) return [{ ...rest, [name]: own.value }]
  const isCall = rest['functionCall'] !== undefined || rest['function_call'] !== undefined
  if (isCall) return [{ ...rest, [name]: signatureOfForeignCall }]
  return rest['text'] === '' ? [] : [rest]
}
