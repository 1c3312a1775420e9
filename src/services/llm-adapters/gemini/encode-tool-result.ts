/** What a tool gave back, as Gemini's `functionResponse`. */
import type { ToolResultPart } from '#core/domain/chat.ts'
import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { encodePart } from '#services/llm-adapters/gemini/encode-part.ts'

export interface ToolResultNeed {
  readonly result: ToolResultPart
  readonly name: string
  /** Gemini's own id of the call, where it gave one. */
  readonly id: string | undefined
  /** Where the result stands in the request, for messages. */
  readonly path: string
  /** Whether the model takes media inside the result (Gemini 3). */
  readonly isMediaInside: boolean
}

export interface EncodedToolResult {
  readonly response: JsonObject
  /** Media that must follow the results. */
  readonly media: readonly JsonObject[]
}

/** Throws `unsupported_feature` for media that Gemini cannot be given. */
export function encodeToolResult(need: ToolResultNeed): EncodedToolResult {
  let text = ''
  const media: JsonObject[] = []
  for (const [at, part] of need.result.parts.entries()) {
    if (part.type === 'text') {
      text += part.text
      continue
    }
    const encoded = encodePart(part, `${need.path}.content[${at}]`)
    if (encoded) media.push(encoded)
  }
  const isInside = need.isMediaInside && media.length > 0
  const response = {
    functionResponse: {
      ...(need.id === undefined ? {} : { id: need.id }),
      name: need.name,
      response: responseOf(text, need.result.isError),
      ...(isInside ? { parts: media } : {}),
    },
  }
  return { response, media: isInside ? [] : media }
}

/** Sixteen digits in a row may be a number that a double cannot hold; such text is not parsed and printed again. */
const longNumber = /\d{16}/

/** `output` and `error` are the names that Gemini knows; a JSON object is taken as it is. */
function responseOf(text: string, isError: boolean): JsonObject {
  const value = text.startsWith('{') && !longNumber.test(text) ? asObject(parseJson(text)) : undefined
  if (isError) return { error: value ?? text }
  return value ?? { output: text }
}
