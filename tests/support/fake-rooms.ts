// Rooms for tests of the corridor: every hold is counted, and providers do what a script says.
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createPriceBook } from '#core/domain/price-book.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { ProviderRow, Target } from '#core/domain/target.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { Asked } from '#core/gateway/asked.ts'
import type { ProviderReply, Rooms } from '#core/gateway/rooms.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import { fakeResilience } from '#tests/support/fake-resilience.ts'
import { fakeErrandAdapters } from '#tests/support/fake-errands.ts'
import { unaskedIdempotency } from '#tests/support/fake-idempotency.ts'
import { fakePermit, fakeSlot } from '#tests/support/fake-holds.ts'

/** What a provider does when it is asked; the stream's steps come one for each read. */
export type Behaviour =
  | { readonly does: 'answer'; readonly pieces: number; readonly saysUsage: boolean }
  | { readonly does: 'refuse'; readonly code: ProblemCode }
  | { readonly does: 'break'; readonly afterPieces: number }
  | { readonly does: 'hang' }

export interface FakeHouse {
  readonly rooms: Rooms
  /** What is held at this moment: all zero once every request is over. A place at a target counts as a pass too. */
  readonly held: { permits: number; money: number; passes: number; replies: number }
  readonly rows: UsageRow[]
  readonly kept: Map<string, KnownAnswer>
  readonly spent: number[]
  /** Targets in the order in which they were asked. */
  readonly askedTargets: string[]
}

export const price: PriceVersion = {
  id: 'price-1',
  validFromMs: 0,
  base: { input: 1_000_000, output: 2_000_000 },
  tiers: [],
}

const priceBook = createPriceBook({ ownPrices: [], margins: [], ceilingPrice: undefined })

export function fakeTarget(name: string, contextTokens = 100_000): Target {
  const provider: ProviderRow = {
    name: `provider-${name}`,
    title: name,
    dialect: 'openai-chat',
    baseUrl: 'http://127.0.0.1:1',
    auth: 'none',
    keyNames: [],
    headers: {},
    quirks: new Set(),
    isSimulated: false,
  }
  const card: ModelCard = {
    name,
    provider: provider.name,
    providerModel: name,
    abilities: new Set(['text', 'streaming']),
    contextTokens,
    maxOutputTokens: 1_000,
    prices: [price],
    quirks: new Set(),
  }
  return { provider, card, model: name }
}

export const caller: Caller = {
  tenantId: 'tenant-a',
  keyId: 'key-a',
  role: 'user',
  permissions: new Set(['inference']),
}

export function askedFor(changes: Partial<Asked> = {}, isStreamed = false): Asked {
  return {
    requestId: 'request-1',
    door: 'generate',
    dialect: undefined,
    question: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello there' }] }], isStreamed },
    modelAsked: undefined,
    fallbacks: [],
    userId: 'user-a',
    taskType: undefined,
    quality: undefined,
    maxCostNanoUsd: undefined,
    cacheWish: 'default',
    deadlineMs: undefined,
    tags: [],
    priority: 'normal',
    startedAtMs: 0,
    signal: new AbortController().signal,
    ...changes,
  }
}

/** A house whose targets behave as the script says, attempt by attempt; a script that has run out answers. */
export function fakeHouse(script: ReadonlyMap<Target, readonly Behaviour[]>, isCaching = false): FakeHouse {
  const held = { permits: 0, money: 0, passes: 0, replies: 0 }
  const rows: UsageRow[] = []
  const kept = new Map<string, KnownAnswer>()
  const spent: number[] = []
  const askedTargets: string[] = []
  const attemptsOf = new Map<string, number>()
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs++ }

  const behaviourOf = (provider: ProviderRow): Behaviour => {
    const target = [...script.keys()].find((candidate) => candidate.provider === provider)
    if (!target) throw new Error(`no target at ${provider.name}`)
    const attempt = attemptsOf.get(provider.name) ?? 0
    attemptsOf.set(provider.name, attempt + 1)
    askedTargets.push(target.card.name)
    return script.get(target)?.[attempt] ?? { does: 'answer', pieces: 3, saysUsage: true }
  }

  const rooms: Rooms = {
    clock,
    chance: { fraction: () => 0.5, uniqueId: () => 'id' },
    accessControl: { authenticate: () => caller },
    guardrails: { inspect: () => undefined },
    rateLimiter: { take: () => fakePermit(held) },
    idempotency: unaskedIdempotency,
    responseCache: {
      keyFor: () => (isCaching ? 'key' : undefined),
      lookUp: (key) => kept.get(key),
      turn: () => undefined,
      keep: (key, answer) => void kept.set(key, answer),
    },
    routingEngine: {
      choose: () => ({ targets: [...script.keys()], route: 'test', reason: 'as the test says' }),
    },
    loadControl: { enter: () => fakeSlot(held) },
    resilience: fakeResilience(held),
    adapters: {
      for: () => ({
        dialect: 'openai-chat',
        encode: (question) => ({
          path: '/',
          headers: {},
          body: '',
          isStreamed: question.isStreamed,
          dropped: [],
        }),
        decode: (reply) => wholeAnswer(reply.body),
        openStream: () => fakeDecoder(),
        explain: () => new Problem('provider_error'),
      }),
    },
    errandAdapters: fakeErrandAdapters,
    transport: {
      send: (_call, { provider, signal }) => fakeReply(behaviourOf(provider), held, signal),
    },
    budgetManager: {
      reserve(need) {
        held.money++
        return { ...reservationOf(need), requestId: need.requestId }
      },
      refit: (reservation, need) => ({ ...reservation, ...reservationOf(need) }),
      settle(_reservation, amount) {
        held.money--
        spent.push(amount)
      },
    },
    keyVault: { secretFor: () => 'secret' },
    analyticsCollector: { record: (row) => void rows.push(row) },
    pause: () => Promise.resolve(),
    report: (failure) => assertNothing(failure),
    settings: () => ({
      unstatedMaxOutputTokens: 500,
      priceBook,
      attemptsPerRequest: 10,
      reroutesFilteredContent: false,
    }),
  }
  return { rooms, held, rows, kept, spent, askedTargets }
}

function reservationOf(need: Parameters<Rooms['budgetManager']['reserve']>[0]): Reservation {
  return {
    requestId: need.requestId,
    target: need.target,
    amount: toNanoUsd(1_000_000),
    outputTokensCap: need.outputTokensWished,
    price: need.price,
  }
}

function assertNothing(failure: unknown): never {
  throw new Error('nothing should have to be reported', { cause: failure })
}

/** One byte is one piece of content; 255 ends the answer with usage, 254 without. */
function fakeReply(
  behaviour: Behaviour,
  held: FakeHouse['held'],
  signal: AbortSignal,
): Promise<ProviderReply> {
  if (behaviour.does === 'refuse') return Promise.reject(new Problem(behaviour.code))
  held.replies++
  let isOpen = true
  const close = () => {
    if (isOpen) held.replies--
    isOpen = false
  }
  let given = 0
  const next = (): Promise<Uint8Array | undefined> => {
    if (signal.aborted) {
      close()
      return Promise.reject(new Problem('caller_left'))
    }
    if (behaviour.does === 'hang') {
      close()
      return Promise.reject(new Problem('provider_timeout'))
    }
    const pieces = behaviour.does === 'break' ? behaviour.afterPieces : behaviour.pieces
    if (given < pieces) {
      given++
      return Promise.resolve(Uint8Array.of(1))
    }
    if (behaviour.does === 'break') {
      close()
      return Promise.reject(new Problem('stream_cut'))
    }
    if (given === pieces) {
      given++
      return Promise.resolve(Uint8Array.of(behaviour.saysUsage ? 255 : 254))
    }
    close()
    return Promise.resolve(undefined)
  }
  const whole = async () => {
    const bytes: number[] = []
    for (let piece = await next(); piece; piece = await next()) bytes.push(...piece)
    return Uint8Array.from(bytes)
  }
  return Promise.resolve({ status: 200, headers: {}, next, whole, cancel: close, drain: close })
}

const usage = { ...unknownUsage, inputTokens: 10, outputTokens: 5 }

function wholeAnswer(bytes: Uint8Array): ChatAnswer {
  const pieces = bytes.filter((byte) => byte === 1).length
  return {
    id: 'answer',
    model: 'fake',
    choices: [
      {
        index: 0,
        parts: [{ type: 'text', text: 'word '.repeat(pieces) }],
        finish: { unified: 'stop', raw: 'stop' },
      },
    ],
    usage: bytes.includes(255) ? usage : unknownUsage,
  }
}

function fakeDecoder() {
  let isComplete = false
  let problem: Problem | undefined
  return {
    push(chunk: Uint8Array): readonly ChatEvent[] {
      if (chunk[0] === 1) return [{ type: 'text-delta', choice: 0, text: 'word ' }]
      isComplete = true
      const finish: ChatEvent = { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } }
      return chunk[0] === 255 ? [finish, { type: 'usage', usage }] : [finish]
    },
    end(): readonly ChatEvent[] {
      if (!isComplete) problem = new Problem('stream_cut')
      return []
    },
    get problem() {
      return problem
    },
    get isComplete() {
      return isComplete
    },
  }
}
