/** What the step of limits and money costs by itself: taking, holding, settling, giving back, with each part on and off. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '#core/domain/caller.ts'
import { limitLevels, limitWindows } from '#core/domain/limit-rule.ts'
import type { LimitRule, LimitWindow } from '#core/domain/limit-rule.ts'
import type { PriceVersion } from '#core/domain/model-card.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import type { Target } from '#core/domain/target.ts'
import { createBudgetManager } from '#services/budget-manager/budget-manager.ts'
import type { BudgetLimit } from '#services/budget-manager/budget-limits.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import { createRateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { createMemoryLedger } from '#stores/memory/ledger.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

/** Of the whole step in memory, with the usual limits and budgets. */
const goalMicroseconds = 15
const usersMax = 1_000
const stepsAtOnce = 64
const batchesWarm = 150
const batchesMeasured = 400

interface Part {
  readonly title: string
  readonly rules: readonly LimitRule[]
  readonly budgets: readonly BudgetLimit[] | undefined
  readonly ledger: 'memory' | 'own file'
  readonly hasGoal?: boolean
}

const amounts = { requests: 1_000_000_000, tokens: 1_000_000_000_000, concurrentRequests: 1_000_000 }
const ruleOf = (level: LimitRule['level'], window: LimitWindow): LimitRule => ({
  level,
  window,
  id: undefined,
  tenantId: undefined,
  amounts,
})
const usualRules = (['user', 'key', 'tenant'] as const).map((level) => ruleOf(level, 'minute'))
const everyRule = limitLevels.flatMap((level) =>
  (Object.keys(limitWindows) as LimitWindow[]).map((window) => ruleOf(level, window)),
)
const limitNanoUsd = toNanoUsd(4_000_000_000_000_000)
const usualBudgets = (
  [
    ['user', 'month'],
    ['tenant', 'month'],
    ['team', 'day'],
  ] as const
).map(([scope, window]): BudgetLimit => ({ scope, window, limitNanoUsd }))

const parts: readonly Part[] = [
  { title: 'neither limits nor money', rules: [], budgets: undefined, ledger: 'memory' },
  { title: 'limits: user, key, tenant a minute', rules: usualRules, budgets: undefined, ledger: 'memory' },
  {
    title: 'limits: eight levels in four windows each',
    rules: everyRule,
    budgets: undefined,
    ledger: 'memory',
  },
  { title: 'money: counted, no budgets', rules: [], budgets: [], ledger: 'memory' },
  { title: 'money: budgets of user, tenant, team', rules: [], budgets: usualBudgets, ledger: 'memory' },
  {
    title: 'both: user, key, tenant a minute; budgets of user, tenant, team',
    rules: usualRules,
    budgets: usualBudgets,
    ledger: 'memory',
    hasGoal: true,
  },
  {
    title: 'the same, the ledger in its own file, 64 requests a turn',
    rules: usualRules,
    budgets: usualBudgets,
    ledger: 'own file',
  },
]

const price: PriceVersion = {
  id: 'price-1',
  validFromMs: 0,
  base: { input: 1_000_000_000, output: 4_000_000_000 },
  tiers: [],
}
const target: Target = {
  provider: {
    name: 'acme',
    title: 'Acme',
    dialect: 'openai-chat',
    baseUrl: 'http://127.0.0.1:1',
    auth: 'none',
    keyNames: [],
    headers: {},
    quirks: new Set(),
    isSimulated: false,
  },
  card: {
    name: 'acme-1',
    provider: 'acme',
    providerModel: 'acme-1',
    abilities: new Set(['text']),
    contextTokens: 100_000,
    maxOutputTokens: 8_000,
    prices: [price],
    quirks: new Set(),
  },
  model: 'acme-1',
}
const caller: Caller = {
  tenantId: 'acme',
  keyId: 'key',
  role: 'user',
  permissions: new Set(['inference']),
  teamId: 'red',
  projectId: 'apollo',
}
const users = Array.from({ length: usersMax }, (_, position) => `user-${position}`)

/** CPU microseconds of one request's step. */
async function measurePart({ rules, budgets, ledger: kind }: Part): Promise<number> {
  const { ledger, close } = openLedger(kind)
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
  const report = (failure: unknown) => {
    throw failure
  }
  const limiter = createRateLimiter(
    { buckets: createMemoryBuckets(), clock, report },
    { perUser: {}, perKey: {}, perTenant: {}, rules },
  )
  const money =
    budgets &&
    createBudgetManager(
      { ledger, clock },
      { defaultMonthlyLimitNanoUsd: undefined, limits: budgets, holdLeaseMs: 900_000 },
    )
  let ids = 0
  const step = async () => {
    ids += 1
    const userId = users[ids % usersMax]
    const endUserId = userId
    const placing = limiter.take({ caller, userId, endUserId, tokens: 1_000, target })
    const permit = placing instanceof Promise ? await placing : placing
    if (money) {
      const holding = money.reserve({
        requestId: `request-${ids}`,
        caller,
        userId,
        tags: [],
        target,
        price,
        inputTokensBound: 800,
        outputTokensWished: 500,
        answerCount: 1,
        maxCostNanoUsd: undefined,
      })
      const held = holding instanceof Promise ? await holding : holding
      permit.release(600)
      const settling = money.settle(held, toNanoUsd(1_000))
      if (settling instanceof Promise) await settling
    } else permit.release(600)
  }
  const batches = async (count: number) => {
    for (let batch = 0; batch < count; batch += 1) {
      const running: Promise<void>[] = []
      for (let at = 0; at < stepsAtOnce; at += 1) running.push(step())
      await Promise.all(running)
    }
  }
  try {
    await batches(batchesWarm)
    const before = process.cpuUsage()
    await batches(batchesMeasured)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (batchesMeasured * stepsAtOnce)
  } finally {
    close()
  }
}

function openLedger(kind: Part['ledger']): { readonly ledger: Ledger; readonly close: () => void } {
  if (kind === 'memory') return { ledger: createMemoryLedger(), close: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const database = openDatabase({ file: join(folder, 'signalbox.db') })
  const ledger = createSqliteLedger(database)
  return {
    ledger,
    close() {
      ledger.close()
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The table: each part beside the step without any, and the goal. */
export async function measureMoneyStep(
  { repetitions }: { readonly repetitions: number },
  say: (line: string) => void,
): Promise<string> {
  const figures = new Map<Part, number[]>(parts.map((part) => [part, []]))
  for (let round = 0; round < repetitions; round += 1) {
    say(`repetition ${round + 1} of ${repetitions}`)
    for (const part of parts) figures.get(part)?.push(await measurePart(part))
  }
  const [nothing] = parts
  const base = median((nothing && figures.get(nothing)) ?? [])
  const rows = parts.map((part) => {
    const values = figures.get(part) ?? []
    const own = median(values)
    const range = `${own.toFixed(2)} (${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)})`
    return `| ${part.title} | ${range} | ${(own - base).toFixed(2)} | ${(own / base).toFixed(1)} |`
  })
  const judged = parts.filter(({ hasGoal }) => hasGoal).map((part) => median(figures.get(part) ?? []))
  const goals = judged.map(
    (own) =>
      `- ${own <= goalMicroseconds ? 'met' : 'NOT MET'}: the whole step in memory at most ${goalMicroseconds} µs: ${own.toFixed(2)}`,
  )
  return [
    '| part | CPU µs/request | above neither | × neither |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...goals,
    '- In Redis the step is one round trip before the provider is asked and one after: counted by `tests/money/round-trips.test.ts`.',
  ].join('\n')
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
