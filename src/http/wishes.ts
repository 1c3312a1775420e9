/** What a caller asks of the gateway itself, in headers that never reach a provider. */
import type { IncomingHttpHeaders } from 'node:http'
import { usdToNano } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { RescuePolicy } from '#core/gateway/rescue-policy.ts'
import { clientPatienceMs } from '#http/client-patience.ts'
import { canonicalTaskType } from '#http/generate/task-catalogue.ts'

export interface Wishes {
  readonly cacheWish: 'default' | 'off' | 'on'
  readonly deadlineMs: number | undefined
  /** How long the caller's client waits for the answer to begin. */
  readonly beginMs?: number | undefined
  readonly maxCostNanoUsd: NanoUsd | undefined
  readonly quality: number | undefined
  readonly taskType: string | undefined
  readonly fallbacks: readonly string[]
  readonly tags: readonly string[]
  readonly rescueWish?: RescuePolicy
}

const none: readonly string[] = []
const noWishes: Wishes = {
  cacheWish: 'default',
  deadlineMs: undefined,
  maxCostNanoUsd: undefined,
  quality: undefined,
  taskType: undefined,
  fallbacks: none,
  tags: none,
}

export const tagsMax = 16
export const fallbacksMax = 8
const tagForm = /^[^\p{Cc},]{1,128}$/u
const modelNameForm = /^[\x21-\x7e]{1,256}$/

/** Throws `invalid_value` (the header as `param`) and `unknown_task_type`. */
export function readWishes(headers: IncomingHttpHeaders): Wishes {
  const cache = text(headers, 'x-signalbox-cache')
  const deadline = text(headers, 'x-signalbox-timeout-ms') ?? text(headers, 'x-request-timeout-ms')
  const cost = text(headers, 'x-signalbox-max-cost-usd')
  const quality = text(headers, 'x-signalbox-quality')
  const taskType = text(headers, 'x-signalbox-task-type')
  const fallbacks = text(headers, 'x-signalbox-fallbacks')
  const tags = text(headers, 'x-signalbox-tags')
  const rescue = text(headers, 'x-signalbox-rescue')
  const any = cache ?? deadline ?? cost ?? quality ?? taskType ?? fallbacks ?? tags ?? rescue
  const beginMs = clientPatienceMs(headers)
  if (any === undefined) return beginMs === undefined ? noWishes : { ...noWishes, beginMs }
  return {
    beginMs,
    cacheWish: cache === undefined ? 'default' : readCacheWish(cache),
    deadlineMs: deadline === undefined ? undefined : readDeadline(deadline),
    maxCostNanoUsd: cost === undefined ? undefined : readMaxCost(cost, 'x-signalbox-max-cost-usd'),
    quality: quality === undefined ? undefined : readQuality(quality),
    taskType: taskType === undefined ? undefined : canonicalTaskType(taskType, 'x-signalbox-task-type'),
    fallbacks: fallbacks === undefined ? none : readList(fallbacks, 'x-signalbox-fallbacks', fallbacksMax),
    tags:
      tags === undefined ? none : readTags(readList(tags, 'x-signalbox-tags', tagsMax), 'x-signalbox-tags'),
    ...(rescue === undefined ? {} : { rescueWish: readRescue(rescue) }),
  }
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function readCacheWish(value: string): 'off' | 'on' {
  if (/^(?:on|true|1)$/i.test(value)) return 'on'
  if (/^(?:off|false|0|no-store|no-cache)$/i.test(value)) return 'off'
  throw wrong('x-signalbox-cache', 'on or off')
}

function readRescue(value: string): RescuePolicy {
  const policy = value.toLowerCase()
  if (policy === 'hold' || policy === 'continue' || policy === 'error') return policy
  throw wrong('x-signalbox-rescue', 'hold, continue or error')
}

function readDeadline(value: string): number {
  const deadlineMs = Number(value)
  if (/^\d{1,9}$/.test(value) && deadlineMs > 0) return deadlineMs
  throw wrong('x-signalbox-timeout-ms', 'a whole number of milliseconds above 0')
}

/** A positive amount in dollars. Throws `invalid_value`. */
export function readMaxCost(value: string | number, param: string): NanoUsd {
  let amount: number
  try {
    amount = usdToNano(value)
  } catch {
    throw wrong(param, 'an amount in US dollars such as 0.05')
  }
  if (amount <= 0) throw wrong(param, 'an amount above 0')
  return amount as NanoUsd
}

function readQuality(value: string): number {
  const quality = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN
  if (quality >= 0 && quality <= 1) return quality
  throw wrong('x-signalbox-quality', 'a number from 0 to 1')
}

function readList(value: string, param: string, most: number): readonly string[] {
  const items = value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.length > most || !items.every((item) => modelNameForm.test(item))) {
    throw wrong(param, `a list of at most ${most} names, separated by commas`)
  }
  return items
}

/** Tags go into rows and reports: no control characters, and no commas, which separate them. */
export function readTags(tags: readonly string[], param: string): readonly string[] {
  if (tags.length <= tagsMax && tags.every((tag) => tagForm.test(tag))) return tags
  throw wrong(
    param,
    `at most ${tagsMax} names without commas or control characters, each at most 128 characters`,
  )
}

const wrong = (param: string, wanted: string) =>
  new Problem('invalid_value', { param, detail: `${param} must be ${wanted}.` })
