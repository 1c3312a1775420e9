/** One part of a message as Gemini's `Part`. */
import type { MediaPart, Part } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { fileAtAddress, fileData } from '#services/llm-adapters/gemini/file-address.ts'
import { mediaTypeOf } from '#services/llm-adapters/wire/data-url.ts'

/**
 * The part on the wire, or undefined when Gemini is not told of it: empty text, and what belongs to another
 * provider alone. Calls and results are encoded where the conversation is known.
 */
export function encodePart(part: Part, path: string): JsonObject | undefined {
  const thoughtSignature = signatureOf(part)
  const signed = thoughtSignature === undefined ? {} : { thoughtSignature }
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' && thoughtSignature === undefined ? undefined : { text: part.text, ...signed }
    case 'reasoning':
      // Shown thoughts need not return; a signature must, on the part that bore it.
      return thoughtSignature === undefined ? undefined : { text: part.text, thought: true, thoughtSignature }
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return { ...encodeMedia(part, path), ...signed }
    case 'server_tool':
    case 'opaque': {
      const value = part.origin === 'gemini-generate' ? asObject(part.value) : undefined
      return value && { ...value, ...signed }
    }
    case 'tool_call':
    case 'tool_result':
      return undefined
  }
}

/** The signature that Gemini put on this part, if it did. */
export function signatureOf(part: Part): string | undefined {
  return part.carry?.find((carry) => carry.origin === 'gemini-generate' && carry.kind === 'thought_signature')
    ?.value
}

function encodeMedia(media: MediaPart, path: string): JsonObject {
  const { source } = media
  switch (source.kind) {
    case 'inline':
      return {
        inlineData: { mimeType: mediaTypeOf(media), data: source.base64 },
      }
    case 'text':
      return { text: source.text }
    case 'file':
      if (source.origin !== 'gemini-generate') {
        throw new Problem('unsupported_feature', {
          detail: 'The file is kept by another provider and cannot be given to Gemini.',
          param: path,
        })
      }
      return fileData(source.fileId, media.mediaType)
    case 'url':
      return fileAtAddress(source.url, media, path)
  }
}
