/** A door over a gateway that answers from a script: real sockets, no rooms behind. */
import type { AddressInfo } from 'node:net'
import type { ChatAnswer, ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'
import type { Caller, Permission } from '#core/domain/caller.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Asked, EventFlow, Receipt, Reply } from '#core/gateway/asked.ts'
import type { DoorPorts, DoorSettings } from '#http/ports.ts'
import { createDoor } from '#http/server.ts'
import type { Door } from '#http/server.ts'

export const goodKey = 'sbx_good'
export const adminKey = 'sbx_admin'

const permissionsOf: Readonly<Record<string, readonly Permission[]>> = {
  [goodKey]: ['public', 'inference'],
  [adminKey]: ['public', 'inference', 'analytics', 'metrics', 'admin'],
}

export const usage = { ...unknownUsage, inputTokens: 11, outputTokens: 7, cachedInputTokens: 3 }

export function receiptOf(asked: Asked, changes: Partial<Receipt> = {}): Receipt {
  return {
    requestId: asked.requestId,
    provider: 'acme',
    model: 'acme-1',
    route: 'explicit',
    routeReason: 'named by the caller',
    isSimulated: false,
    cache: 'miss',
    attempts: 1,
    rescues: 0,
    usage,
    costNanoUsd: toNanoUsd(1_500),
    isEstimated: false,
    latencyMs: 12.345,
    overheadMs: 0.5,
    queuedMs: 0,
    limits: undefined,
    dropped: [],
    ...changes,
  }
}

export function textAnswer(text: string): ChatAnswer {
  const finish = { unified: 'stop', raw: 'stop' } as const
  return {
    id: 'upstream-1',
    model: 'acme-1-2026',
    createdAtS: 1_700_000_000,
    choices: [{ index: 0, parts: [{ type: 'text', text }], finish }],
    usage,
  }
}

export const wholeReply = (asked: Asked, text = 'Hello.'): Reply => ({
  kind: 'whole',
  answer: textAnswer(text),
  receipt: receiptOf(asked),
})

/** A whole answer of these parts. */
export function replyOf(asked: Asked, parts: readonly Part[], changes: Partial<ChatAnswer> = {}): Reply {
  const finish = { unified: 'stop', raw: null } as const
  const answer = { ...textAnswer(''), choices: [{ index: 0, parts, finish }], ...changes }
  return { kind: 'whole', answer, receipt: receiptOf(asked) }
}

/** A batch of events, a Problem to break off with, or a promise to wait for. */
export type Step = readonly ChatEvent[] | Problem | Promise<unknown>

export interface FlowWatch {
  /** How many batches were taken. */
  taken: number
  isAbandoned: boolean
}

export function flowOf(
  steps: readonly Step[],
  watch: FlowWatch = { taken: 0, isAbandoned: false },
): EventFlow {
  const left = [...steps]
  const flow: EventFlow = {
    [Symbol.asyncIterator]: () => flow,
    async next() {
      const step = left.shift()
      if (step === undefined) return { value: undefined, done: true }
      if (step instanceof Problem) throw step
      if (step instanceof Promise) {
        await step
        return flow.next()
      }
      watch.taken++
      return { value: step, done: false }
    },
    return() {
      watch.isAbandoned = left.length > 0
      left.length = 0
      return Promise.resolve({ value: undefined, done: true })
    },
  }
  return flow
}

export const streamReply = (asked: Asked, steps: readonly Step[], watch?: FlowWatch): Reply => ({
  kind: 'stream',
  events: flowOf(steps, watch),
  receipt: receiptOf(asked),
})

export const textEvents = (...pieces: readonly string[]): readonly Step[] => [
  [{ type: 'start', id: 'upstream-1', model: 'acme-1-2026', createdAtS: 1_700_000_000 }],
  ...pieces.map((text): Step => [{ type: 'text-delta', choice: 0, text }]),
  [
    { type: 'finish', choice: 0, finish: { unified: 'stop', raw: 'stop' } },
    { type: 'usage', usage },
  ],
]

export interface FakeDoor {
  readonly door: Door
  readonly url: string
  readonly port: number
  /** Everything that reached the gateway, in order. */
  readonly asked: Asked[]
  readonly logged: string[]
  /** A request with the good key unless `headers` say otherwise. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  close(): Promise<void>
}

export type Answerer = (asked: Asked, caller: Caller) => Reply | Promise<Reply>

const settings: DoorSettings = {
  version: '0.0.0-test',
  mode: 'production',
  bodyBytesMax: 200_000,
  bodyDepthMax: 64,
  requestsInFlightMax: 100,
  connectionsMax: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  leaveQuietMs: 0,
  heartbeatMs: 15_000,
  readerStallMs: 30_000,
  trustedPeers: [],
  allowedOrigins: [],
}

export async function openFakeDoor(
  answer: Answerer = (asked) => wholeReply(asked),
  changes: { readonly settings?: Partial<DoorSettings>; readonly ports?: Partial<DoorPorts> } = {},
): Promise<FakeDoor> {
  const asked: Asked[] = []
  const logged: string[] = []
  const ports = { ...fakePorts(asked, logged, answer), ...changes.ports }
  const door = await createDoor({ ...ports, settings: { ...settings, ...changes.settings } })
  await door.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = door.server.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    door,
    url,
    port,
    asked,
    logged,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${goodKey}`, ...headers },
      }),
    get: (path, headers = { authorization: `Bearer ${goodKey}` }) => fetch(url + path, { headers }),
    close: () => door.close(0),
  }
}

function fakePorts(asked: Asked[], logged: string[], answer: Answerer): Omit<DoorPorts, 'settings'> {
  let ids = 0
  let nowMs = 0
  const note = (fields: object, sentence: string) => {
    logged.push(
      `${sentence} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? String(value) : value))}`,
    )
  }
  return {
    clock: { nowMs: () => 1_800_000_000_000, monotonicMs: () => nowMs++ },
    chance: { fraction: () => 0.5, uniqueId: () => `id-${++ids}` },
    log: { info: note, warn: note, error: note },
    gateway: {
      authenticate: (credential, permission) => authenticate(credential.secret, permission),
      async ask(caller, request) {
        asked.push(request)
        return await answer(request, caller)
      },
      run: () => Promise.reject(new Problem('internal_error')),
    },
    load: { admit: (_caller, wished) => wished ?? 'normal' },
    catalogue: {
      modelsFor: () => [
        { name: 'acme-1', card, aliases: ['acme'], isAvailable: true, isSimulated: false },
        { name: 'auto', card: undefined, aliases: [], isAvailable: true, isSimulated: false },
      ],
    },
    health: {
      summary: () => ({ status: 'ok', uptimeMs: 5_000, isSimulated: false }),
      details: () => ({ providers: [] }),
    },
    metrics: { render: () => ({ contentType: 'text/plain; version=0.0.4', text: 'signalbox_up 1\n' }) },
    keys: fakeKeys,
    alerts: { test: () => [{ destination: 'ops', kind: 'webhook', failure: 'it answered 500' }] },
    budgets: { list: () => [], set: () => undefined, remove: () => false },
    rateRules: { list: () => [], set: () => undefined, remove: () => false },
    balances: {
      list: () => [],
      topUp: () => Promise.reject(new Error('nobody pays in here')),
      history: () => [],
    },
    responses: noResponses,
    reconciliation: { compare: () => Promise.reject(new Problem('not_permitted')) },
    usage: {
      currency: () => undefined,
      report: () => [],
      totals: () => ({
        requests: 2,
        failures: 1,
        inputTokens: 30,
        outputTokens: 20,
        costNanoUsd: 2_000_000_000,
        byModel: [
          { model: 'acme-1', requests: 2, inputTokens: 30, outputTokens: 20, costNanoUsd: 2_000_000_000 },
        ],
      }),
    },
  }
}

async function authenticate(secret: string | undefined, permission: Permission): Promise<Caller> {
  await Promise.resolve()
  if (secret === undefined) throw new Problem('missing_key')
  const permissions = permissionsOf[secret]
  if (!permissions) throw new Problem('invalid_key')
  if (!permissions.includes(permission)) throw new Problem('not_permitted', { facts: { permission } })
  return { tenantId: 'tenant-a', keyId: secret, role: 'user', permissions: new Set(permissions) }
}

const card: ModelCard = {
  name: 'acme-1',
  provider: 'acme',
  providerModel: 'acme-1-2026',
  title: 'Acme One',
  abilities: new Set(['text', 'streaming']),
  contextTokens: 100_000,
  maxOutputTokens: 8_000,
  releasedOn: '2026-01-01',
  prices: [{ id: 'p1', validFromMs: 0, base: { input: 2_500_000_000, output: 10_000_000_000 }, tiers: [] }],
  quirks: new Set(),
}

/** A store that the operator has not turned on. */
const noResponses: DoorPorts['responses'] = {
  isOn: () => false,
  keep: () => Promise.resolve(false),
  find: () => Promise.resolve(undefined),
  findItems: () => Promise.resolve(new Map()),
  remove: () => Promise.resolve(false),
  counts: () => ({ kept: 0, notKept: 0 }),
  prune: () => Promise.resolve(),
}

const fakeKeys: DoorPorts['keys'] = {
  create: (_actor, wish) => ({
    secret: 'sbx_new_secret',
    summary: { ...summary, name: wish.name, permissions: wish.permissions, expiresAtMs: wish.expiresAtMs },
  }),
  list: () => [summary],
  revoke: (_actor, keyId) =>
    keyId === summary.id ? { ...summary, revokedAtMs: 1_800_000_000_000 } : undefined,
}

const summary = {
  id: 'key-1',
  name: 'first',
  tenantId: 'tenant-a',
  permissions: ['inference'],
  userId: undefined,
  teamId: undefined,
  projectId: undefined,
  allowedModels: undefined,
  createdAtMs: 1_700_000_000_000,
  expiresAtMs: undefined,
  revokedAtMs: undefined,
}
