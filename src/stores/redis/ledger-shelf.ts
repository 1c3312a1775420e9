/**
 * The shelf of the shared ledger in Redis: every instance of the gateway holds and charges in the same counters, each
 * step one script and one round trip. All keys of a shelf share a hash tag, so that a step over several scopes is atomic
 * in a Cluster too.
 */
import type { HoldAnswer, HoldAsk, Settlement } from '#core/domain/ledger-hold.ts'
import { toNanoUsd, zeroUsd } from '#core/domain/money.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Part, Session, Shelf } from '#services/budget-manager/shared-ledger/shelf.ts'
import type { RedisArgument, RedisConnection } from '#stores/redis/connection.ts'
import { openName, readEpoch, writtenName } from '#stores/redis/epoch-name.ts'
import {
  beatScript,
  beginScript,
  lookScript,
  openScript,
  tellHoldsScript,
  tellPartsScript,
} from '#stores/redis/epoch-scripts.ts'
import { createEpochScript } from '#stores/redis/epoch-script.ts'
import { giveBackScript, takeScript } from '#stores/redis/bucket-scripts.ts'
import type { RedisDesks } from '#stores/redis/buckets.ts'
import { createBookCorrection } from '#stores/redis/correction.ts'
import { createJointStep } from '#stores/redis/joint-step.ts'
import { expireScript, holdScript, settleScript } from '#stores/redis/ledger-scripts.ts'
import { createScript } from '#stores/redis/script.ts'

export interface RedisShelfSettings {
  /** The hash tag of every key; shelves with the same tag are one. */
  readonly tag: string
  /** Which instance speaks; kept with its data directory. */
  readonly instance: string
  /** Whose clock the ends of holds go by: `server` in earnest; `caller` believes what it is told, which tests need. */
  readonly timeSource: 'server' | 'caller'
  /** Of this instance, which asks for ends of holds by its own clock. */
  readonly nowMs: () => number
  /** Where the limits of the same requests wait for their money; undefined: they go by themselves. */
  readonly desks?: RedisDesks | undefined
}

/** Counters outlive their windows by this long, for reports and late settlements. */
const keptAfterWindowMs = 40 * 86_400_000
/** An expired hold can be corrected for this long. */
const expiredRememberedMs = 7 * 86_400_000
/** Parts of rolling windows are many, and nobody asks for one alone: they outlive their window only for corrections. */
const partKeptMs = expiredRememberedMs
const expiredPerStep = 200
const partsPerStep = 500
/** An instance that has given no sign of life for this long is not waited for. */
export const memberMs = 5_000

export function createRedisShelf(connection: RedisConnection, settings: RedisShelfSettings): Shelf {
  const { instance, timeSource, nowMs } = settings
  const words: Words = {
    ...settings,
    connection,
    keys: keysOf(settings.tag),
    scripts: scriptsOf(connection),
    stamp: ({ epoch, number }) => [writtenName(epoch), instance, number],
    endOf: (expiresAtMs) => (timeSource === 'server' ? Math.max(0, expiresAtMs - nowMs()) : expiresAtMs),
  }
  return { ...epochSteps(words), ...tellingSteps(words), ...holdSteps(words) }
}

/** What every step is put together from. */
interface Words extends RedisShelfSettings {
  readonly connection: RedisConnection
  readonly keys: ReturnType<typeof keysOf>
  readonly scripts: ReturnType<typeof scriptsOf>
  /** Epoch, instance and session, which every step begins with. */
  readonly stamp: (session: Session) => RedisArgument[]
  /** The end of a hold by the clock that it goes by. */
  readonly endOf: (expiresAtMs: number) => number
}

type EpochSteps = Pick<Shelf, 'look' | 'begin' | 'open' | 'arm' | 'presence' | 'beat'>

function epochSteps({ connection, keys, scripts, stamp, instance }: Words): EpochSteps {
  const stepScripts = [scripts.hold, scripts.settle, scripts.takeAndHold, scripts.giveBackAndSettle]
  return {
    async look() {
      const answer = await scripts.look({ keys: [keys.epoch], args: [instance] })
      const [server, epoch, now, session] = listOf(answer)
      const known = readEpoch(String(epoch))
      return { server: String(server), epoch: known, nowMs: Number(now), session: Number(session) }
    },
    async begin(seen, number) {
      const next = `closed ${number}:${seen.server} ${instance}`
      const args = [seen.epoch ? writtenName(seen.epoch) : '', next]
      return (await scripts.begin({ keys: [keys.epoch, keys.joined], args })) === 1
    },
    async open(epoch) {
      const args = [writtenName(epoch), openName(epoch)]
      return (await scripts.open({ keys: [keys.epoch], args })) === 1
    },
    async arm(epoch) {
      for (const script of stepScripts) if (!(await script.arm(keys.epoch, epoch))) return false
      return true
    },
    async presence() {
      const joined = listOf(await connection.call('SMEMBERS', keys.joined)).map(String)
      const members = listOf(await connection.call('ZRANGE', keys.members, 0, -1)).map(String)
      return { joined, members }
    },
    async beat(session) {
      const args = [...stamp(session), memberMs]
      const answer = await scripts.beat({ keys: [keys.epoch, keys.members], args })
      return answer === null ? undefined : listOf(answer).map(String)
    },
  }
}

type TellingSteps = Pick<Shelf, 'tellParts' | 'tellHolds'>

function tellingSteps({ keys, scripts, stamp, timeSource, endOf }: Words): TellingSteps {
  return {
    async tellParts(session, owner, parts) {
      const more: Part[] = []
      for (let from = 0; from < parts.length; from += partsPerStep) {
        const some = parts.slice(from, from + partsPerStep)
        const args = [...stamp(session), owner, keptAfterWindowMs, ...some.flatMap(partWords)]
        const touched = some.map(({ scope, window }) => keys.counter(scope, window))
        const answer = await scripts.tellParts({ keys: [keys.epoch, ...touched], args })
        if (answer === null) return undefined
        more.push(...partsOf(some, listOf(answer)))
      }
      return more
    },
    async tellHolds(session, holds) {
      const touched = [keys.epoch, keys.expiries, keys.lates, keys.joined, keys.members]
      const args = [
        ...stamp(session),
        timeSource,
        keys.hold(''),
        keys.expired(''),
        keptAfterWindowMs,
        holds.length,
      ]
      for (const held of holds) {
        args.push(held.holdId, held.amount, endOf(held.expiresAtMs), held.scopes.length)
        for (const { scope, window, resetsAtMs } of held.scopes)
          args.push(keys.counter(scope, window), resetsAtMs ?? -1)
      }
      return (await scripts.tellHolds({ keys: touched, args })) === 1
    },
  }
}

type HoldSteps = Pick<Shelf, 'hold' | 'settle' | 'correct' | 'expire' | 'balances'>

function holdSteps({ connection, keys, scripts, stamp, timeSource, endOf, desks }: Words): HoldSteps {
  return {
    async hold(session, action, ask) {
      const { holdId, amount, amountLeast, expiresAtMs, scopes } = ask
      const args = [...stamp(session), action, holdId, amount, amountLeast, timeSource, endOf(expiresAtMs)]
      args.push(scopes.length)
      const touched = [keys.epoch, keys.hold(holdId), keys.expiries]
      const parts: string[] = []
      for (const { scope, window, limit, resetsAtMs, earlier } of scopes) {
        touched.push(keys.counter(scope, window))
        const keptMs = earlier ? partKeptMs : keptAfterWindowMs
        args.push(limit ?? -1, resetsAtMs ?? -1, keptMs, earlier?.length ?? 0)
        for (const part of earlier ?? []) parts.push(keys.counter(scope, part.window))
      }
      const money = { keys: [...touched, ...parts], args }
      const limits = desks?.takes.claim(holdId)
      const answer = limits
        ? await scripts.takeAndHold.run(session.epoch, { money, limits })
        : given(await scripts.hold.run(session.epoch, money))
      if (answer === 'refused') throw limited()
      return answer && holdAnswer(answer.money, ask)
    },
    async settle(session, holdId, spent) {
      const touched = [keys.epoch, keys.hold(holdId), keys.expired(holdId), keys.expiries, keys.lates]
      const money = { keys: touched, args: [...stamp(session), holdId, spent] }
      const limits = desks?.returns.claim(holdId)
      const answer = limits
        ? await scripts.giveBackAndSettle.run(session.epoch, { money, limits })
        : given(await scripts.settle.run(session.epoch, money))
      return answer && kindOf(answer === 'refused' ? undefined : answer.money)
    },
    correct(session, correction) {
      const counterKey = keys.counter(correction.scope, correction.window)
      const at = { epochKey: keys.epoch, counterKey, stamp: stamp(session), keptMs: keptAfterWindowMs }
      return scripts.correct(at, correction)
    },
    async expire(session, now) {
      const touched = [keys.epoch, keys.expiries, keys.lates]
      const args = [...stamp(session), timeSource, now, expiredPerStep, keys.hold(''), keys.expired('')]
      args.push(expiredRememberedMs)
      for (let expired = 0; ;) {
        const count = await scripts.expire({ keys: touched, args })
        if (count === null) return undefined
        expired += Number(count)
        if (Number(count) < expiredPerStep) return expired
      }
    },
    async balances(counters) {
      const reading = counters.map(async ({ scope, window }) => {
        const found = listOf(await connection.call('HMGET', keys.counter(scope, window), 's', 'r', 'e'))
        const [settled = zeroUsd, reserved = zeroUsd, estimated = zeroUsd] = found.map(nanoOf)
        return { scope, window, settled, reserved, estimated }
      })
      return Promise.all(reading)
    },
  }
}

const scriptsOf = (connection: RedisConnection) => ({
  look: createScript(connection, lookScript),
  begin: createScript(connection, beginScript),
  open: createScript(connection, openScript),
  tellParts: createScript(connection, tellPartsScript),
  tellHolds: createScript(connection, tellHoldsScript),
  beat: createScript(connection, beatScript),
  expire: createScript(connection, expireScript),
  correct: createBookCorrection(connection),
  hold: createEpochScript(connection, holdScript),
  settle: createEpochScript(connection, settleScript),
  takeAndHold: createJointStep(connection, { money: holdScript, limits: takeScript }),
  giveBackAndSettle: createJointStep(connection, { money: settleScript, limits: giveBackScript }),
})

/** Of every key of a shelf, from its hash tag. */
export function keysOf(tag: string) {
  const start = `{${tag}}`
  return {
    epoch: `${start}:epoch`,
    joined: `${start}:joined`,
    members: `${start}:members`,
    expiries: `${start}:expiries`,
    lates: `${start}:lates`,
    hold: (holdId: string) => `${start}:hold:${holdId}`,
    expired: (holdId: string) => `${start}:expired:${holdId}`,
    counter: (scope: string, window: string) => `${start}:counter:${scope} ${window}`,
  }
}

/** The answer of a step without company. */
const given = (money: unknown) => (money === undefined ? undefined : { money })

const partWords = ({ settled, estimated, resetsAtMs }: Part): RedisArgument[] => [
  settled,
  estimated,
  resetsAtMs ?? -1,
]

/** The parts of which more is known, from their numbers and amounts by turns. */
function partsOf(told: readonly Part[], known: readonly unknown[]): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < known.length; at += 2) {
    const part = told[Number(known[at])]
    if (part) parts.push({ ...part, settled: nanoOf(known[at + 1]) })
  }
  return parts
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

function kindOf(answer: unknown): Settlement['kind'] {
  const [kind] = listOf(answer)
  return kind === 'settled' || kind === 'late' ? kind : 'unknown'
}

function listOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer
  throw misunderstood()
}

const nanoOf = (value: unknown): NanoUsd =>
  toNanoUsd(value === null || value === undefined ? 0 : Number(value))

/** The refusal itself is the answer of the limits. */
const limited = () =>
  new Problem('rate_limited', { detail: 'A limit that was asked in the same step refused.' })

const misunderstood = () =>
  new Problem('store_unavailable', { detail: 'Redis gave an answer that the ledger does not understand.' })
