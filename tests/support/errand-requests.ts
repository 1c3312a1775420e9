/** The recorded request of an errand, read by the door that it would come in at. */
import type { ErrandKind, ErrandOf } from '#core/domain/errand.ts'
import { readMessageCount } from '#http/anthropic/count-tokens.ts'
import { readCohereEmbed } from '#http/cohere/embed.ts'
import { readCohereRerank } from '#http/cohere/rerank.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readCountTokens } from '#http/gemini/count-tokens.ts'
import { readEmbedContent } from '#http/gemini/embed-content.ts'
import { readJsonBody } from '#http/json-body.ts'
import { readEmbeddings } from '#http/openai/embeddings.ts'
import { readInputTokens } from '#http/openai/responses/input-tokens.ts'
import { caller } from '#tests/support/fake-rooms.ts'
import type { ErrandRecording } from '#tests/support/errand-recordings.ts'

export function recordedErrand(recording: ErrandRecording): ErrandOf<ErrandKind> {
  const body = readJsonBody(Buffer.from(JSON.stringify(recording.request?.body ?? null)))
  const read = doorOf(recording) as ReadErrand<ErrandKind>
  const head = { headers: {}, params: {}, query: {}, requestId: 'request-1', caller, nowMs: 0 }
  return read(body, head).asked.errand
}

function doorOf({ kind, dialect, model, request }: ErrandRecording) {
  if (dialect === 'openai-chat') return readEmbeddings
  if (dialect === 'openai-responses') return readInputTokens
  if (dialect === 'anthropic-messages') return readMessageCount
  if (dialect === 'cohere-chat') return kind === 'rerank' ? readCohereRerank : readCohereEmbed
  if (kind === 'count-tokens') return readCountTokens(model)
  return readEmbedContent(model, request?.path.includes(':batchEmbedContents') === true)
}
