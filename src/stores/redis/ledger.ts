/**
 * The ledger in Redis: every instance of the gateway holds and charges in the same counters, each step one script and
 * one round trip. All keys of the ledger share a hash tag, so that a step over several scopes is atomic in a Cluster too.
 */
import type { HoldAnswer, HoldAsk, Settlement } from '#core/domain/ledger-hold.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Ledger } from '#services/budget-manager/ledger.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'
import { expireScript, holdScript, settleScript } from '#stores/redis/ledger-scripts.ts'
import { createScript } from '#stores/redis/script.ts'

export interface RedisLedgerSettings {
  /** Stands before every key, so that several gateways can share a server. */
  readonly keyPrefix: string
}

/** Counters outlive their windows by this long, for reports and late settlements. */
const keptAfterWindowMs = 40 * 86_400_000
/** An expired hold can be corrected for this long. */
const expiredRememberedMs = 7 * 86_400_000
/** Parts of rolling windows are many, and nobody asks for one alone: they outlive their window only for corrections. */
const partKeptMs = expiredRememberedMs
const expiredPerStep = 200

export function createRedisLedger(connection: RedisConnection, settings: RedisLedgerSettings): Ledger {
  const keys = keysOf(settings.keyPrefix)
  const runHold = createScript(connection, holdScript)
  const runSettle = createScript(connection, settleScript)
  const runExpire = createScript(connection, expireScript)

  const hold = async (action: 'reserve' | 'extend', ask: HoldAsk): Promise<HoldAnswer> => {
    const { holdId, amount, amountLeast, expiresAtMs, scopes } = ask
    const args: RedisArgument[] = [action, holdId, amount, amountLeast, expiresAtMs, scopes.length]
    const touched = [keys.hold(holdId), keys.expiries]
    const parts: string[] = []
    for (const { scope, window, limit, resetsAtMs, earlier } of scopes) {
      touched.push(keys.counter(scope, window))
      const keptMs = earlier ? partKeptMs : keptAfterWindowMs
      args.push(limit ?? -1, resetsAtMs ?? -1, keptMs, earlier?.length ?? 0)
      for (const part of earlier ?? []) parts.push(keys.counter(scope, part.window))
    }
    const answer = await runHold({ keys: [...touched, ...parts], args })
    return holdAnswer(answer, ask)
  }

  return {
    reserve: (ask) => hold('reserve', ask),
    extend: (ask) => hold('extend', ask),
    async settle(holdId, spent) {
      const answer = await runSettle({
        keys: [keys.hold(holdId), keys.expired(holdId), keys.expiries],
        args: [holdId, spent],
      })
      return settlementOf(answer, spent)
    },
    async balances(counters) {
      const reading = counters.map(async ({ scope, window }) => {
        const found = listOf(await connection.call('HMGET', keys.counter(scope, window), 's', 'r', 'e'))
        const [settled = zeroUsd, reserved = zeroUsd, estimated = zeroUsd] = found.map(nanoOf)
        return { scope, window, settled, reserved, estimated }
      })
      return Promise.all(reading)
    },
    async expire(nowMs) {
      const args = [nowMs, expiredPerStep, keys.hold(''), keys.expired(''), expiredRememberedMs]
      let expired = 0
      for (;;) {
        const count = Number(await runExpire({ keys: [keys.expiries], args }))
        expired += count
        if (count < expiredPerStep) return expired
      }
    },
  }
}

function keysOf(keyPrefix: string) {
  const tag = `{${keyPrefix}:ledger}`
  return {
    expiries: `${tag}:expiries`,
    hold: (holdId: string) => `${tag}:hold:${holdId}`,
    expired: (holdId: string) => `${tag}:expired:${holdId}`,
    counter: (scope: string, window: string) => `${tag}:counter:${scope} ${window}`,
  }
}

function holdAnswer(answer: unknown, { scopes }: HoldAsk): HoldAnswer {
  const [isHeld, first, settled, reserved] = listOf(answer)
  if (Number(isHeld) === 1) return { isHeld: true, amount: nanoOf(first) }
  const refusing = scopes[Number(first)]
  if (refusing?.limit === undefined) throw misunderstood()
  const { scope, window, limit, resetsAtMs } = refusing
  return {
    isHeld: false,
    scope,
    window,
    limit,
    settled: nanoOf(settled),
    reserved: nanoOf(reserved),
    resetsAtMs,
  }
}

function settlementOf(answer: unknown, spent: NanoUsd): Settlement {
  const [kind, held] = listOf(answer)
  if (kind !== 'settled' && kind !== 'late') return { kind: 'unknown', overUse: zeroUsd }
  return { kind, overUse: toNanoUsd(Math.max(0, spent - nanoOf(held))) }
}

function listOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer
  throw misunderstood()
}

const nanoOf = (value: unknown): NanoUsd =>
  toNanoUsd(value === null || value === undefined ? 0 : Number(value))

const misunderstood = () =>
  new Problem('store_unavailable', { detail: 'Redis gave an answer that the ledger does not understand.' })
