/** Gemini's parts that come complete: media, its own tools, and what nobody knows yet, which is kept as it is. */
import type { Carry, MediaPart, Part } from '#core/domain/chat.ts'
import { asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

/** The token that must return to Gemini on this same part. */
export function signatureIn(part: JsonObject): Carry | undefined {
  const value = asString(part['thoughtSignature'])
  return value === undefined ? undefined : { origin: 'gemini-generate', kind: 'thought_signature', value }
}

/** Undefined for a part that holds nothing. */
export function wholePart(part: JsonObject): Part | undefined {
  const signature = signatureIn(part)
  const carried = signature ? { carry: [signature] } : {}
  const media = mediaIn(part)
  if (media) return { ...media, ...carried }
  const { thoughtSignature: _signature, ...value } = part
  const origin = 'gemini-generate'
  if (part['executableCode'] !== undefined) {
    return { type: 'server_tool', phase: 'call', name: 'code_execution', origin, value, ...carried }
  }
  if (part['codeExecutionResult'] !== undefined) {
    return { type: 'server_tool', phase: 'result', name: 'code_execution', origin, value, ...carried }
  }
  const call = asObject(part['toolCall'])
  const response = asObject(part['toolResponse'])
  const tool = call ?? response
  if (tool) {
    const name = asString(tool['toolType']) ?? 'tool'
    return { type: 'server_tool', phase: call ? 'call' : 'result', name, origin, value, ...carried }
  }
  const kind = Object.keys(value).find((name) => name !== 'thought')
  return kind === undefined && !signature
    ? undefined
    : { type: 'opaque', kind: kind ?? 'signature', origin, value, ...carried }
}

const mediaKinds: readonly string[] = ['image', 'audio', 'video']

function mediaIn(part: JsonObject): MediaPart | undefined {
  const inline = asObject(part['inlineData'])
  const file = asObject(part['fileData'])
  const data = inline ?? file
  if (!data) return undefined
  const mediaType = asString(data['mimeType'])
  const kind = mediaType?.split('/')[0] ?? ''
  const type = mediaKinds.includes(kind) ? (kind as MediaPart['type']) : 'document'
  const stated = mediaType === undefined ? {} : { mediaType }
  if (inline) return { type, source: { kind: 'inline', base64: asString(inline['data']) ?? '' }, ...stated }
  const fileId = asString(data['fileUri']) ?? ''
  return { type, source: { kind: 'file', fileId, origin: 'gemini-generate' }, ...stated }
}
