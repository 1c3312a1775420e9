// Rooms for tests of the corridor: every hold is counted, and providers do what a script says.
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { createPriceBook } from '#core/domain/price-book.ts'
import { Problem } from '#core/domain/problem.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { ProviderRow, Target } from '#core/domain/target.ts'
import type { Asked } from '#core/gateway/asked.ts'
import type { RescueSettings } from '#core/gateway/rescue-policy.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { Reservation } from '#services/budget-manager/budget-manager.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'
import { fakeResilience } from '#tests/support/fake-resilience.ts'
import { fakeDecoder, fakeReply, wholeAnswer } from '#tests/support/fake-replies.ts'
import type { Behaviour, Held } from '#tests/support/fake-replies.ts'
import { fakeErrandAdapters } from '#tests/support/fake-errands.ts'
import { unaskedIdempotency } from '#tests/support/fake-idempotency.ts'
import { fakePermit, fakeSlot } from '#tests/support/fake-holds.ts'

export type { Behaviour } from '#tests/support/fake-replies.ts'

export interface FakeHouse {
  readonly rooms: Rooms
  /** What is held at this moment: all zero once every request is over. A place at a target counts as a pass too. */
  readonly held: Held
  readonly rows: UsageRow[]
  readonly kept: Map<string, KnownAnswer>
  readonly spent: number[]
  /** Targets in the order in which they were asked. */
  readonly askedTargets: string[]
  /** Policy and outcome of each stream that broke off, in order. */
  readonly rescues: string[]
  /** As they were put to providers. */
  readonly questions: ChatQuestion[]
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

/** Nobody goes on with a broken answer unless a test says so. */
export const rescueSettings: RescueSettings = {
  policy: 'error',
  policyOfRoute: new Map(),
  attemptsMax: 2,
  order: 'others-first',
  overlapCharactersMax: 200,
  keptCharactersMax: 100_000,
  holdTokens: 32,
  holdMs: 1_000,
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
  const rescues: string[] = []
  const questions: ChatQuestion[] = []
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
          body: String(questions.push(question) - 1),
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
      send(call, { provider, signal }) {
        const question = questions[Number(call.body)]
        const behaviour = behaviourOf(provider)
        if (behaviour.does !== 'tell') return fakeReply(behaviour, held, signal)
        return fakeReply(behaviour.tell(question ?? { messages: [], isStreamed: true }), held, signal)
      },
    },
    budgetManager: {
      advise: () => undefined,
      reserve(need) {
        held.money++
        return { ...reservationOf(need), requestId: need.requestId }
      },
      refit: (reservation, need) => ({ ...reservation, ...reservationOf(need) }),
      dispatch: () => undefined,
      settle(_reservation, amount) {
        held.money--
        spent.push(amount)
      },
    },
    keyVault: { secretFor: () => 'secret', isReplaced: () => Promise.resolve(false) },
    analyticsCollector: {
      record: (row) => void rows.push(row),
      noteHedge: (outcome) => void rescues.push(`hedge ${outcome}`),
      noteRescue: (policy, outcome) => void rescues.push(`${policy} ${outcome}`),
    },
    pause: () => Promise.resolve(),
    report: (failure) => assertNothing(failure),
    settings: () => ({
      unstatedMaxOutputTokens: 500,
      organisations: new Map(),
      priceBook,
      attemptsPerRequest: 10,
      reroutesFilteredContent: false,
      rescue: rescueSettings,
    }),
  }
  return { rooms, held, rows, kept, spent, askedTargets, rescues, questions }
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
