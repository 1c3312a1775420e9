/** The house: every room built and joined, its door ready to listen, and the way to refurnish it while it is open. */
import { createDoor } from '#http/server.ts'
import { doorPorts } from '#composition/door-ports.ts'
import { databaseFile } from '#composition/key-room.ts'
import { renewEveryMs } from '#composition/idempotency-room.ts'
import { leaveNoticeMs } from '#composition/leave-notice.ts'
import { failureFields } from '#composition/log.ts'
import type { Log } from '#composition/log.ts'
import type { ReadLoad } from '#composition/load-signals.ts'
import { openRooms } from '#composition/open-rooms.ts'
import type { DoorWatch, OpenRooms } from '#composition/open-rooms.ts'
import { pause } from '#composition/weather.ts'
import type { HouseStatus } from '#composition/welcome.ts'
import type { Config } from '#config/config.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import { createGateway } from '#core/gateway/gateway.ts'
import type { VaultStanding } from '#services/key-vault/key-vault.ts'

export interface HouseParts {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly chance: Chance
  /** The signs of this process's own load since the last reading. */
  readonly readLoad: ReadLoad
}

export interface House {
  /** Opens the door; the address as a person would type it. Throws what the system says of the socket. */
  listen(host: string, port: number): Promise<string>
  status(): HouseStatus
  /** Throws `config_invalid` when the rooms could not live with this configuration. */
  check(next: Config): void
  /** Takes a checked configuration for every request that comes after. */
  apply(next: Config): void
  /**
   * Ends gently: balancers are told, running requests may finish, each within its configured time, then everything is
   * written and closed. Once `hurry` is aborted, running requests are ended at once.
   */
  close(hurry?: AbortSignal): Promise<void>
}

/** Holds whose holder is gone are looked for this often. */
const expireEveryMs = 5_000
/** Answers are kept for seconds or minutes, and must not lie in the file for long after that. */
const pruneKeysEveryMs = 30_000
const loadEveryMs = 500
const tendKeysEveryMs = 1_000
const pruneEveryMs = 3_600_000
/** A limit set at another instance holds here within the second. */
const budgetsEveryMs = 500
/** What another instance found out about a provider is known here within half a second. */
const hintsEveryMs = 500

/** Throws `config_invalid`, `store_unavailable`. */
export async function openHouse(parts: HouseParts): Promise<House> {
  const { config, log } = parts
  const watch: DoorWatch = { counts: () => ({ requestsInFlight: 0, openStreams: 0 }) }
  const rooms = await openRooms(parts, watch)
  const gateway = createGateway(rooms.corridor)
  const door = await createDoor(doorPorts(parts, rooms, gateway))
  watch.counts = () => door.counts()
  const chores = [
    setInterval(() => rooms.loadControl.tick(), loadEveryMs),
    setInterval(() => attend(log, 'expiring holds', () => rooms.budgetManager.expire()), expireEveryMs),
    setInterval(() => attend(log, 'reading budgets', () => rooms.budgetDesk.refresh()), budgetsEveryMs),
    setInterval(() => attend(log, 'reading rate limits', () => rooms.ruleDesk.refresh()), budgetsEveryMs),
    setInterval(() => attend(log, 'reading hints', () => rooms.resilience.listen()), hintsEveryMs),
    setInterval(() => attend(log, 'watching budgets', () => rooms.alerts.tick()), config.alerts.checkEveryMs),
    setInterval(
      () => attend(log, 'renewing idempotency keys', () => rooms.idempotency.renew()),
      renewEveryMs(config),
    ),
    setInterval(
      () => attend(log, 'forgetting idempotency keys', () => rooms.idempotency.prune()),
      pruneKeysEveryMs,
    ),
    setInterval(
      () => attend(log, 'removing old responses', () => rooms.responseStore.prune()),
      pruneKeysEveryMs,
    ),
    setInterval(() => attend(log, 'removing old rows', () => rooms.analytics.prune()), pruneEveryMs),
    setInterval(() => attend(log, 'removing old alerts', () => rooms.alerts.prune()), pruneEveryMs),
    // A provider without its key is never asked, so nothing else would notice that the key has come.
    setInterval(
      () => attend(log, 'reading provider keys', () => rooms.desk.keyVault.refresh()),
      config.keyVault.refreshMs,
    ),
    setInterval(
      () => attend(log, 'tending provider keys', () => rooms.desk.keyVault.tend()),
      tendKeysEveryMs,
    ),
  ]
  for (const chore of chores) chore.unref()

  return {
    async listen(host, port) {
      // The system's own bound holds beside it. Whoever finds no place in the queue tries again a second later.
      await door.server.listen({ host, port, backlog: config.server.connectionsMax })
      return addressOf(door.server.server.address(), host)
    },
    status: () => statusOf(rooms, config),
    check: (next) => rooms.desk.check(next),
    apply: (next) => rooms.apply(next),
    async close(hurry = new AbortController().signal) {
      door.announceLeaving()
      await pause(leaveNoticeMs(config), hurry).catch(() => undefined)
      await door.close(config.server.drainMs, hurry)
      for (const chore of chores) clearInterval(chore)
      await rooms.close()
    },
  }
}

function attend(log: Log, place: string, chore: () => unknown): void {
  Promise.try(chore).catch((failure: unknown) => {
    log.error(failureFields(failure, place), 'a chore of the house failed and will be tried again')
  })
}

function addressOf(address: string | { readonly port: number } | null, host: string): string {
  const port = typeof address === 'object' && address ? address.port : 0
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const isLoopback = host === '127.0.0.1' || host === '::1'
  const name = isEverywhere || isLoopback ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function statusOf(rooms: OpenRooms, config: Config): HouseStatus {
  const { liveNames, isSimulating } = rooms.desk.answerers()
  const { catalog, rows } = rooms.desk.furniture()
  return {
    liveProviders: [...liveNames],
    keyNames: rows.flatMap(({ keyNames }) => keyNames.slice(0, 1)),
    isSimulating,
    modelCount: catalog.models.length,
    stores: storeLines(config),
    keys: keysLine(rooms.desk.keyVault.standing()),
  }
}

function keysLine({ sources, unread }: VaultStanding): string {
  const places = sources.map(({ place }) => place).join(', then ')
  return unread.length === 0 ? places : `${places}; ${unread.length} could not be read, see the log`
}

function storeLines(config: Config): readonly string[] {
  const counts = config.storage.redis
    ? ['limits and budgets in Redis', 'cache in memory']
    : ['limits and cache in memory']
  const records = config.storage.postgres ? 'PostgreSQL' : databaseFile(config)
  return [...counts, `records in ${records}`]
}
