/** The request as it arrived, for a target that speaks the same API, without what only this gateway understands. */
import type { IncomingHttpHeaders } from 'node:http'
import type { NativeRequest } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { isForeignCitation } from '#http/anthropic/block-parts.ts'
import { isKnownBlock } from '#http/anthropic/block-schema.ts'
import type { WireBlock } from '#http/anthropic/block-schema.ts'
import type { MessageRequest } from '#http/anthropic/message-schema.ts'
import { isCarriedToken } from '#http/carried-token.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import { rewriteElements, rewriteMember } from '#http/json-elements.ts'

/** Undefined when Anthropic would refuse the conversation as it stands, so that it must be written anew. */
export function nativeRequest(
  request: MessageRequest,
  body: JsonBody,
  headers: IncomingHttpHeaders,
  hasForeign: boolean,
): NativeRequest | undefined {
  if (hasForeignIds(request) || (hasForeign && demandsThinking(request))) return undefined
  const sent = hasForeign ? withoutForeign(request, body) : body
  const native = {
    dialect: 'anthropic-messages',
    body: sent.value,
    text: sent.text,
    members: sent.members,
  } as const
  const own = ownHeaders(headers)
  return own ? { ...native, headers: own } : native
}

function ownHeaders(headers: IncomingHttpHeaders): NativeRequest['headers'] {
  const version = headers['anthropic-version']
  const betas = headers['anthropic-beta']
  if (version === undefined && betas === undefined) return undefined
  return {
    ...(version === undefined ? {} : { 'anthropic-version': String(version) }),
    ...(betas === undefined ? {} : { 'anthropic-beta': String(betas) }),
  }
}

/** Other providers' ids of calls may have characters that Anthropic's must not. */
const ownIdForm = /^[a-zA-Z0-9_-]+$/

function hasForeignIds({ messages }: MessageRequest): boolean {
  return messages.some(
    ({ content }) =>
      typeof content !== 'string' &&
      content.some((block) => isKnownBlock(block) && block.type === 'tool_use' && !ownIdForm.test(block.id)),
  )
}

/** In the middle of a round of calls, a budget for thinking demands thinking that Anthropic itself has signed. */
function demandsThinking({ thinking, messages }: MessageRequest): boolean {
  const last = messages.at(-1)?.content
  if (thinking?.type !== 'enabled' || last === undefined || typeof last === 'string') return false
  return last.some((block) => block.type === 'tool_result')
}

/** The body without the blocks that other providers' tokens travel in; everything else as the caller wrote it. */
function withoutForeign({ messages }: MessageRequest, body: JsonBody): JsonBody {
  const span = body.members.get('messages')
  if (!span) return body
  const written = rewriteElements(body.text.slice(span.start, span.end), (message, index) => {
    const content = messages[index]?.content
    if (content === undefined || typeof content === 'string') return message
    if (content.every(isForeignBlock)) return content.length === 0 ? message : undefined
    return rewriteMember(message, 'content', (value) =>
      rewriteElements(value, (block, at) => ownBlock(content[at], block)),
    )
  })
  const text = body.text.slice(0, span.start) + written + body.text.slice(span.end)
  return {
    value: JSON.parse(text) as JsonObject,
    text,
    members: scanJson(text, jsonBodyLimits).members,
  }
}

function ownBlock(block: WireBlock | undefined, text: string): string | undefined {
  if (!block || isForeignBlock(block)) return undefined
  if (!isKnownBlock(block) || block.type !== 'text') return text
  const { citations } = block
  if (!citations?.some(isForeignCitation)) return text
  return rewriteMember(text, 'citations', (value) =>
    rewriteElements(value, (citation, at) => {
      const read = citations[at]
      return read !== undefined && isForeignCitation(read) ? undefined : citation
    }),
  )
}

function isForeignBlock(block: WireBlock): boolean {
  if (!isKnownBlock(block)) return false
  if (block.type === 'thinking') return isCarriedToken(block.signature)
  return block.type === 'redacted_thinking' && isCarriedToken(block.data)
}
