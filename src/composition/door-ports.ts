/** What the door needs, filled from the rooms. */
import { alertAdmin, alertHealth } from '#composition/alert-room.ts'
import { balanceAdmin } from '#composition/balance-admin.ts'
import { budgetAdmin } from '#composition/budget-admin.ts'
import { databaseFile } from '#composition/key-room.ts'
import type { HouseParts } from '#composition/house.ts'
import { leaveQuietMs } from '#composition/leave-notice.ts'
import { loadHealth } from '#composition/load-room.ts'
import type { OpenRooms } from '#composition/open-rooms.ts'
import { reconcileExport } from '#composition/reconciliation.ts'
import { ruleAdmin } from '#composition/rule-admin.ts'
import { trackDetails } from '#composition/track-metrics.ts'
import { version } from '#composition/version.ts'
import type { Config } from '#config/config.ts'
import type { Caller } from '#core/domain/caller.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Gateway } from '#core/gateway/asked.ts'
import type {
  DoorPorts,
  HealthSummary,
  KeyAdminPort,
  KeySummary,
  ReconciliationPort,
  UsagePort,
} from '#http/ports.ts'
import type { VaultStanding } from '#services/key-vault/key-vault.ts'
import type { KeyInfo } from '#services/access-control/access-control.ts'

export function doorPorts(parts: HouseParts, rooms: OpenRooms, gateway: Gateway): DoorPorts {
  const { config, log, clock, chance } = parts
  const openedAtMs = clock.monotonicMs()
  const summary = (): HealthSummary => {
    const { isSimulating, liveNames } = rooms.desk.answerers()
    const health = rooms.resilience.health()
    const isBroken = health.length > 0 && health.every(({ state }) => state === 'open')
    const canAnswer = isSimulating || liveNames.size > 0
    return {
      status: !canAnswer ? 'unavailable' : isBroken ? 'degraded' : 'ok',
      uptimeMs: clock.monotonicMs() - openedAtMs,
      isSimulated: isSimulating && liveNames.size === 0,
    }
  }
  return {
    settings: { ...config.server, version, mode: config.mode, leaveQuietMs: leaveQuietMs(config) },
    gateway,
    clock,
    chance,
    log,
    load: rooms.loadControl,
    catalogue: { modelsFor: ({ allowedModels }) => rooms.desk.routingEngine.names(allowedModels) },
    health: {
      summary,
      details: async () => ({
        ...details(rooms, config),
        load: loadHealth(rooms.loadControl),
        alerts: await alertHealth(rooms.alerts),
      }),
    },
    metrics: {
      render: async () => ({
        contentType: rooms.analytics.metricsContentType,
        text: await rooms.analytics.metricsText(),
      }),
    },
    keys: keyAdmin(rooms),
    budgets: budgetAdmin(parts, rooms),
    balances: balanceAdmin(parts, rooms),
    rateRules: ruleAdmin(parts, rooms),
    alerts: alertAdmin(rooms.alerts),
    responses: rooms.responseStore,
    usage: usage(rooms),
    reconciliation: reconciliation(rooms),
  }
}

/** For operators: who can answer, how they fare, what is kept where. */
function details(rooms: OpenRooms, config: Config): JsonObject {
  const { liveNames, isSimulating } = rooms.desk.answerers()
  const rows = rooms.analytics.counts()
  return {
    providers: rooms.desk
      .furniture()
      .rows.filter(({ isSimulated }) => !isSimulated)
      .map(({ name, title }) => ({ name, title, live: liveNames.has(name) })),
    simulating: isSimulating,
    targets: rooms.resilience.health().map(trackDetails),
    stores: {
      state: { kind: config.storage.redis ? 'redis' : 'memory' },
      records: config.storage.postgres
        ? { kind: 'postgres', outbox: databaseFile(config) }
        : { kind: 'sqlite', file: databaseFile(config) },
    },
    key_vault: vaultDetails(rooms.desk.keyVault.standing()),
    usage_rows: { pending: rows.pending, written: rows.written, lost: rows.lost },
  }
}

/** Names and places, never a value. */
function vaultDetails({ sources, unread }: VaultStanding): JsonObject {
  return {
    sources: sources.map(({ kind, place }) => ({ kind, place })),
    unread: unread.map(({ name, goodForMs, isOverdue }) => ({
      name,
      good_for_ms: goodForMs ?? null,
      overdue: isOverdue,
    })),
  }
}

function keyAdmin({ accessControl }: OpenRooms): KeyAdminPort {
  return {
    async create(actor, wish) {
      const { key, info } = await accessControl.createKey(actor, {
        ...wish,
        role: wish.permissions.includes('admin') ? 'tenant_admin' : 'user',
        tenantId: wish.tenantId ?? actor.tenantId,
      })
      return { secret: key, summary: summaryOf(info) }
    },
    list: async (actor) => (await accessControl.listKeys(actor, {})).map(summaryOf),
    async revoke(actor, keyId) {
      try {
        return summaryOf(await accessControl.revokeKey(actor, keyId))
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.code === 'not_found') return undefined
        throw thrown
      }
    },
  }
}

const summaryOf = ({ keyId, ...info }: KeyInfo): KeySummary => ({ id: keyId, ...info })

/** Providers bill the operator: nobody else is told. */
function reconciliation({ analytics, desk }: OpenRooms): ReconciliationPort {
  return {
    async compare(actor, question) {
      if (actor.role !== 'operator') throw new Problem('not_permitted')
      await analytics.flush()
      const { catalog } = desk.furniture()
      return reconcileExport({ journal: analytics, catalog }, question)
    },
  }
}

/** Models named in one answer at most. */
const modelsMax = 500

function usage({ analytics, desk }: OpenRooms): UsagePort {
  return {
    currency: () => desk.furniture().config.budget.currency,
    async report(actor, query) {
      await analytics.flush()
      const lines = await analytics.usage({ ...query, tenantId: tenantOf(actor) ?? query.tenantId })
      if (actor.role === 'operator') return lines
      return lines.map((line) => ({ ...line, providerCostNanoUsd: undefined }))
    },
    async totals(actor, { fromMs, toMs }) {
      await analytics.flush()
      const lines = await analytics.usage({
        fromMs,
        toMs,
        tenantId: tenantOf(actor),
        groupBy: ['model'],
        limit: modelsMax,
      })
      const sum = (pick: (line: (typeof lines)[number]) => number) =>
        lines.reduce((total, line) => total + pick(line), 0)
      return {
        requests: sum(({ requests }) => requests),
        failures: sum(({ refused }) => refused),
        inputTokens: sum(({ inputTokens }) => inputTokens),
        outputTokens: sum(({ outputTokens }) => outputTokens),
        costNanoUsd: toNanoUsd(sum(({ costNanoUsd }) => costNanoUsd)),
        byModel: lines
          .filter(({ group: [model] }) => typeof model === 'string')
          .map(({ group: [model], requests, inputTokens, outputTokens, costNanoUsd }) => ({
            model: String(model),
            requests,
            inputTokens,
            outputTokens,
            costNanoUsd: costNanoUsd ?? zeroUsd,
          })),
      }
    },
  }
}

/** Operators see everyone's numbers; everybody else their own tenant's. */
const tenantOf = ({ role, tenantId }: Caller) => (role === 'operator' ? undefined : tenantId)
