/** A Problem as an HTTP answer: status, headers, and a body in the shape of the API that was called. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '#core/domain/json.ts'
import type { Problem } from '#core/domain/problem.ts'
import { anthropicProblem } from '#http/anthropic/anthropic-problem.ts'
import { cohereProblem } from '#http/cohere/cohere-problem.ts'
import { geminiProblem } from '#http/gemini/gemini-problem.ts'
import { openaiProblem } from '#http/openai/openai-problem.ts'

/** Whose errors a route imitates. */
export type ProblemShape = 'signalbox' | 'openai' | 'anthropic' | 'gemini' | 'cohere'

export interface ProblemAnswer {
  readonly status: number
  readonly body: JsonObject
  /** Headers that the imitated API sends with its errors. */
  readonly headers?: Readonly<Record<string, string>>
}

type WriteProblem = (problem: Problem, requestId: string) => ProblemAnswer

/** The error body of Signalbox's own endpoints; also the data of a stream's error event. */
export function signalboxProblem(problem: Problem, requestId: string): ProblemAnswer {
  const { details } = problem
  return {
    status: problem.status,
    body: {
      error: {
        code: problem.code,
        message: problem.code === 'internal_error' ? problem.kind.sentence : problem.message,
        param: details.param,
        mend: problem.mend,
        nearest: details.nearest,
        retryable: problem.kind.isRetryable,
        provider: details.provider,
        request_id: requestId,
        facts: details.facts,
      },
    },
  }
}

const shapes: Readonly<Record<ProblemShape, WriteProblem>> = {
  signalbox: signalboxProblem,
  openai: openaiProblem,
  anthropic: anthropicProblem,
  gemini: geminiProblem,
  cohere: cohereProblem,
}

export function shapeProblem(problem: Problem, shape: ProblemShape, requestId: string): ProblemAnswer {
  return shapes[shape](problem, requestId)
}

export interface ProblemReply {
  readonly problem: Problem
  readonly shape: ProblemShape
  readonly requestId: string
  /** More headers for this very answer: `allow`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly isClosing: boolean
}

/** Bodies up to this size are read to their end after a refusal, so that the connection can go on. */
const unreadBytesKept = 65_536
/** How long, and how much more, is read after an early refusal before the connection is cut. */
const lingerMs = 2_000
const lingerBytes = 64 * 1024 * 1024

/** Writes the answer and ends it. Does nothing when the caller has gone; cuts an answer that has begun. */
export function replyWithProblem(
  request: IncomingMessage,
  response: ServerResponse,
  reply: ProblemReply,
): void {
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { problem, requestId } = reply
  const { status, body, headers } = shapeProblem(problem, reply.shape, requestId)
  const text = Buffer.from(JSON.stringify(body))
  const isUnread = !request.complete && leavesMuchUnread(request)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': text.length,
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'x-should-retry': String(problem.kind.isRetryable),
    ...retryHeaders(problem),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="signalbox"' } : {}),
    ...(reply.isClosing || isUnread ? { connection: 'close' } : {}),
    ...headers,
    ...reply.headers,
  })
  if (isUnread) endAfterLinger(request, response, text)
  else response.end(text)
}

function retryHeaders(problem: Problem): Record<string, string> {
  const { retryAfterMs } = problem.details
  if (retryAfterMs === undefined || !problem.kind.isRetryable) return {}
  const waitMs = Math.max(0, Math.ceil(retryAfterMs))
  return { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(waitMs) }
}

function leavesMuchUnread(request: IncomingMessage): boolean {
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) return true
  return Number(headers['content-length'] ?? 0) > unreadBytesKept
}

/**
 * Sends the whole answer but keeps the connection while the caller is still sending: closing at once would reset it,
 * and the caller would lose the answer together with its upload.
 */
function endAfterLinger(request: IncomingMessage, response: ServerResponse, text: Buffer): void {
  response.write(text)
  let unread = 0
  const end = () => {
    clearTimeout(timer)
    request.off('data', count)
    response.end()
  }
  const count = (chunk: Buffer) => {
    unread += chunk.length
    if (unread > lingerBytes) end()
  }
  const timer = setTimeout(end, lingerMs)
  timer.unref()
  request.on('data', count)
  request.once('end', end)
  request.once('close', end)
  request.resume()
}
