/** POST /v1/generate and POST /v1/generate/stream: Signalbox's own, plain way to ask. */
import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '#core/domain/problem.ts'
import type { SurfaceHead } from '#http/attendance.ts'
import type { ReadRequest, ReadSurface } from '#http/inference.ts'
import type { JsonBody } from '#http/json-body.ts'
import { writeGenerated } from '#http/generate/generate-answer.ts'
import { parseGenerate, readGenerateQuestion } from '#http/generate/generate-question.ts'
import type { GenerateRequest } from '#http/generate/generate-schema.ts'
import { createEventForm, createTextForm } from '#http/generate/generate-stream.ts'
import { canonicalTaskType } from '#http/generate/task-catalogue.ts'
import { readMaxCost, readTags, readWishes } from '#http/wishes.ts'
import type { Wishes } from '#http/wishes.ts'

const qualityWords = { low: 0.3, medium: 0.6, high: 0.9 } as const

export const readGenerate: ReadSurface = (body, head) => readRequest(body, head, false)
export const readGenerateStream: ReadSurface = (body, head) => readRequest(body, head, true)

function readRequest(body: JsonBody, head: SurfaceHead, isStreamRoute: boolean): ReadRequest {
  const request = parseGenerate(body.value)
  const isStreamed = isStreamRoute || request.stream === true
  return {
    asked: {
      door: isStreamed ? 'generate-stream' : 'generate',
      dialect: undefined,
      question: readGenerateQuestion(request, head.caller, isStreamed),
      modelAsked: request.model,
      userId: request.user_id === undefined ? undefined : String(request.user_id),
      ...mergedWishes(request, readWishes(head.headers)),
    },
    writeWhole: writeGenerated,
    openForm: () => (wantsEvents(head.headers) ? createEventForm(head.requestId) : createTextForm()),
  }
}

/** What the body says wins over what a header says. */
function mergedWishes(request: GenerateRequest, wishes: Wishes): Wishes {
  const { quality, cache } = request
  const taskType = request.task_type
  return {
    cacheWish:
      cache === undefined ? wishes.cacheWish : typeof cache === 'boolean' ? (cache ? 'on' : 'off') : cache,
    deadlineMs: request.timeout_ms ?? wishes.deadlineMs,
    beginMs: wishes.beginMs,
    maxCostNanoUsd:
      request.max_cost_usd === undefined
        ? wishes.maxCostNanoUsd
        : readMaxCost(request.max_cost_usd, 'max_cost_usd'),
    quality: typeof quality === 'string' ? qualityWords[quality] : (quality ?? wishes.quality),
    taskType: taskType === undefined ? wishes.taskType : canonicalTaskType(taskType, 'task_type'),
    fallbacks: request.fallbacks ?? wishes.fallbacks,
    ...(wishes.rescueWish === undefined ? {} : { rescueWish: wishes.rescueWish }),
    tags: request.metadata
      ? readTags([...wishes.tags, ...tagsOf(request.metadata)], 'metadata')
      : wishes.tags,
  }
}

const metadataNamesMax = 16

function tagsOf(metadata: NonNullable<GenerateRequest['metadata']>): readonly string[] {
  const pairs = Object.entries(metadata)
  if (pairs.length > metadataNamesMax) {
    throw new Problem('invalid_value', {
      param: 'metadata',
      detail: `metadata has more than ${metadataNamesMax} names.`,
    })
  }
  return pairs.map(([name, value]) => `${name}=${value}`)
}

const wantsEvents = (headers: IncomingHttpHeaders) =>
  headers.accept !== undefined && headers.accept.includes('text/event-stream')
