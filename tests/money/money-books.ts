/** The books of money as they lie in the stores, read without the gateway: counters, open holds, and rows of usage. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { ledgerParts } from '#core/domain/ledger-part.ts'
import { readRecords } from '#tests/journeys/records.ts'
import type { KeptRow } from '#tests/journeys/records.ts'

export interface BookedCounter {
  readonly scope: string
  readonly window: string
  readonly settled: number
  readonly reserved: number
  /** The part of `settled` that stands for holds that expired and were charged in full. */
  readonly estimated: number
  /** The part of `settled` that reratings added, or took away. */
  readonly corrected?: number
}

export interface MoneyBooks {
  readonly counters: readonly BookedCounter[]
  readonly openHolds: readonly string[]
  /** What was charged for each hold that nobody settled, by its id. */
  readonly expiredHolds: ReadonlyMap<string, number>
  readonly rows: readonly BookedRow[]
}

export type BookedRow = Pick<
  KeptRow,
  | 'request_id'
  | 'attempt'
  | 'kind'
  | 'tenant_id'
  | 'key_id'
  | 'user_id'
  | 'status'
  | 'input_tokens'
  | 'output_tokens'
  | 'cost_nano_usd'
  | 'is_estimated'
  | 'provider'
  | 'model'
> & { readonly started_at_ms: number }

interface WrittenHold {
  readonly amount: number
  readonly counters: readonly (readonly [scope: string, window: string])[]
}

interface Written {
  settled: number
  reserved: number
  estimated: number
  corrected?: number
}

/** Of a house that keeps everything in its own file. */
export function readFileBooks(dataDir: string): MoneyBooks {
  const database = new DatabaseSync(join(dataDir, 'signalbox.db'), { readOnly: true })
  try {
    const book = createReplay()
    const counters = database
      .prepare(
        'SELECT scope, window, settled_nano_usd AS settled, estimated_nano_usd AS estimated FROM ledger_counters',
      )
      .all()
    for (const { scope, window, settled, estimated } of counters) {
      const correctedScope = /^correction (.*)$/.exec(String(scope))?.[1]
      const counter = book.counterOf(correctedScope ?? String(scope), String(window))
      if (correctedScope !== undefined) {
        counter.corrected = Number(settled)
        continue
      }
      counter.settled += Number(settled)
      counter.estimated += Number(estimated)
    }
    for (const { entries } of database.prepare('SELECT entries FROM ledger_log ORDER BY sequence').all()) {
      for (const entry of JSON.parse(String(entries)) as unknown[][]) book.take(entry)
    }
    return { ...book.books(), rows: readRecords(dataDir).rows as unknown as BookedRow[] }
  } finally {
    database.close()
  }
}

/** The ledger's log in few lines, by scope and window. */
function createReplay() {
  const counters = new Map<string, Written>()
  const open = new Map<string, WrittenHold>()
  const expired = new Map<string, WrittenHold>()
  const counterOf = (scope: string, window: string): Written => {
    const name = `${scope} ${window}`
    const known = counters.get(name) ?? { settled: 0, reserved: 0, estimated: 0 }
    counters.set(name, known)
    return known
  }
  const add = (hold: WrittenHold | undefined, change: Written) => {
    for (const [scope, window] of hold?.counters ?? []) {
      const counter = counterOf(scope, window)
      counter.settled += change.settled
      counter.reserved += change.reserved
      counter.estimated += change.estimated
    }
  }
  const leave = (id: string, hold: WrittenHold | undefined) => {
    if (hold) add(hold, { settled: 0, reserved: -hold.amount, estimated: 0 })
    open.delete(id)
  }
  return {
    counterOf,
    take([word, first, amount, , flat]: readonly unknown[]) {
      const id = String(first)
      const held = open.get(id)
      if (word === 'hold' || word === 'expired') {
        const hold = { amount: Number(amount), counters: pairsOf(flat as readonly unknown[]) }
        if (word === 'expired') return void expired.set(id, hold)
        leave(id, held)
        open.set(id, hold)
        return add(hold, { settled: 0, reserved: hold.amount, estimated: 0 })
      }
      const late = held ? undefined : expired.get(id)
      leave(id, held)
      if (word === 'expire' && held) {
        expired.set(id, held)
        return add(held, { settled: held.amount, reserved: 0, estimated: held.amount })
      }
      if (word !== 'settle') return undefined
      expired.delete(id)
      const before = late?.amount ?? 0
      return add(held ?? late, { settled: Number(amount) - before, reserved: 0, estimated: -before })
    },
    books: () => ({
      counters: [...counters].map(([name, counter]) => ({ ...nameOf(name), ...counter })),
      openHolds: [...open.keys()],
      expiredHolds: new Map([...expired].map(([id, { amount }]) => [id, amount])),
    }),
  }
}

/** Of scope, window and reset by turns, the first two. */
function pairsOf(flat: readonly unknown[]): WrittenHold['counters'] {
  const pairs: Array<readonly [string, string]> = []
  for (let at = 0; at < flat.length; at += 3) pairs.push([String(flat[at]), String(flat[at + 1])])
  return pairs
}

/** The last word is the window; a scope may have spaces of its own. */
function nameOf(counter: string) {
  const at = counter.lastIndexOf(' ')
  return { scope: counter.slice(0, at), window: counter.slice(at + 1) }
}

const isSlice = (holdId: string) => holdId.startsWith('slice.')

/** Of houses that share a ledger in Redis and keep their rows each in its own file. */
export async function readSharedBooks(
  redisUrl: string,
  keyPrefix: string,
  dataDirs: readonly string[],
): Promise<MoneyBooks> {
  const rows = dataDirs.flatMap((dataDir) => readRecords(dataDir).rows as unknown as BookedRow[])
  return { ...(await readSharedLedger(redisUrl, `${keyPrefix}:ledger`)), rows }
}

/** Of houses that share a ledger in Redis and their rows in PostgreSQL. */
export async function readDatabaseBooks(
  redisUrl: string,
  keyPrefix: string,
  databaseUrl: string,
): Promise<MoneyBooks> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const found = await client.query<Record<string, unknown>>('SELECT * FROM usage_rows')
    const rows = found.rows.map((row) => ({
      ...row,
      // Whole numbers of 64 bits come as text.
      cost_nano_usd: Number(row['cost_nano_usd']),
      started_at_ms: Number(row['started_at_ms']),
    })) as unknown as BookedRow[]
    return { ...(await readSharedLedger(redisUrl, `${keyPrefix}:ledger`)), rows }
  } finally {
    await client.end()
  }
}

/** Everything at one moment: what is held ahead changes while instances live. KEYS: none. ARGV: where keys begin. */
const snapshotScript = `
local function all(kind, ...)
  local start, found = ARGV[1] .. kind .. ':', {}
  for _, key in ipairs(redis.call('KEYS', start .. '*')) do
    found[#found + 1] = {string.sub(key, #start + 1), redis.call('HMGET', key, ...)}
  end
  return found
end
return {all('counter', 's', 'r', 'e', 'c'), all('hold', 'a', 'c'), all('expired', 'a')}
`

type Listed = ReadonlyArray<readonly [name: string, values: readonly (string | null)[]]>

/** Of a ledger in parts that lie on several servers; it has no rows. */
export async function readClusterBooks(nodeUrls: readonly string[], keyPrefix: string): Promise<MoneyBooks> {
  const parts: Array<Omit<MoneyBooks, 'rows'>> = []
  for (const url of nodeUrls) {
    const client = new Redis(url, { retryStrategy: null })
    client.on('error', () => undefined)
    const role = await client.role().catch(() => ['gone'])
    client.disconnect()
    if (role[0] !== 'master') continue
    for (let part = 0; part < ledgerParts; part += 1)
      parts.push(await readSharedLedger(url, `${keyPrefix}:ledger:${part}`))
  }
  return {
    counters: parts.flatMap(({ counters }) => counters),
    openHolds: parts.flatMap(({ openHolds }) => openHolds),
    expiredHolds: new Map(parts.flatMap(({ expiredHolds }) => [...expiredHolds])),
    rows: [],
  }
}

async function readSharedLedger(redisUrl: string, tag: string): Promise<Omit<MoneyBooks, 'rows'>> {
  const client = new Redis(redisUrl)
  try {
    const start = `{${tag}}:`
    const [counted, held, expired] = (await client.eval(snapshotScript, 0, start)) as readonly [
      Listed,
      Listed,
      Listed,
    ]
    const aheadOf = new Map<string, number>()
    // What instances hold ahead for an outage is reserved like any other money, and at rest all the same.
    for (const [id, [amount, counter]] of held) {
      const name = String(counter).slice(`${start}counter:`.length)
      if (isSlice(id)) aheadOf.set(name, (aheadOf.get(name) ?? 0) + Number(amount))
    }
    const counters = counted.map(([name, values]) => {
      const [settled = 0, reserved = 0, estimated = 0, corrected = 0] = values.map(Number)
      return { ...nameOf(name), settled, reserved: reserved - (aheadOf.get(name) ?? 0), estimated, corrected }
    })
    return {
      counters,
      openHolds: held.map(([id]) => id).filter((id) => !isSlice(id)),
      expiredHolds: new Map(expired.map(([id, [amount]]) => [id, Number(amount)])),
    }
  } finally {
    client.disconnect()
  }
}
