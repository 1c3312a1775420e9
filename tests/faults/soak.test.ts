/**
 * The product as a process of its own under faults at random: what it holds at rest does not grow. The short form with
 * every change shows that the measuring works; `SOAK=1` measures for an hour, or `SOAK_MINUTES`, and prints the figures.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { TestContext } from 'node:test'

import { openFaultWorld, poolKeys } from '#tests/faults/fault-stage.ts'
import type { FaultWorld } from '#tests/faults/fault-stage.ts'
import { slopePerHour } from '#tests/faults/slope.ts'
import { askSteadily, emptyAccount } from '#tests/faults/steady-load.ts'
import type { LoadAccount } from '#tests/faults/steady-load.ts'
import { createChance } from '#tests/fuzz/chance.ts'
import { openWorkplace } from '#tests/journeys/child-service.ts'
import type { ChildService, Holdings } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { checkMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'
import { isSoak, tell } from '#tests/money/soak.ts'

const minuteMs = 60_000
const durationMs = isSoak ? Number(process.env['SOAK_MINUTES'] ?? 60) * minuteMs : 0
/** Caches fill and code is compiled meanwhile: a third of the time, but no longer than a quarter of an hour. */
const warmUpMs = isSoak ? Math.min(durationMs / 3, 15 * minuteMs) : 0
const roundMs = isSoak ? 25_000 : 2_500
/** A slope needs two samples. */
const roundsMin = 2
const requestsPerSecond = Number(process.env['SOAK_RATE'] ?? 30)
const seed = process.env['FUZZ_SEED'] ?? 'signalbox'
const patienceMs = minuteMs
const mebibyte = 1_048_576
/**
 * A connection of the test itself, kept between its looks at the service's health, and the event loop of the thread that
 * moves the database's log into its file, which starts once there is enough to move.
 */
const sparePlaces = 6
const judgedFromMs = 30 * minuteMs

/** Deadlines that pass while the load goes on; the breaker opens, but seldom keeps a fault from being met. */
const settings = `
log: {level: fatal}
cache: {bytes_max: 1048576}
resilience: {connect_ms: 1000, headers_ms: 4000, first_token_ms: 4000, first_token_reasoning_ms: 4000, idle_ms: 4000,
  total_ms: 12000, retry_base_ms: 10, cool_down: {max_ms: 500}, breaker: {failure_rate: 0.9, open_ms: 1000, open_max_ms: 2000}}
load: {shedding: {enabled: false}}
`

interface Rest extends Holdings {
  readonly atMs: number
}

interface Soaked {
  readonly world: FaultWorld
  readonly service: ChildService
  readonly address: string
  readonly dataDir: string
}

async function open(context: TestContext): Promise<Soaked> {
  const world = await openFaultWorld(settings)
  context.after(() => world.close())
  const place = openWorkplace(context)
  place.writeSettings(world.yaml)
  const service = place.start({
    environment: { CONFIG_FILE: place.settingsFile, ...poolKeys },
    isMeasured: true,
  })
  return { world, service, address: await service.address(), dataDir: place.dataDir }
}

/** Waits until nobody is being answered and every connection is closed, and looks at what is still held. */
async function rest(
  { world, service, address }: Soaked,
  descriptorsMax = Number.POSITIVE_INFINITY,
): Promise<Holdings> {
  await eventually(async () => {
    const response = await fetch(`${address}/health/detailed`)
    const health = (await response.json()) as { readonly in_flight: number }
    assert.equal(health.in_flight, 0)
  }, patienceMs)
  const doubles = [world.provider, world.fallback]
  await eventually(() => {
    const open = doubles.flatMap(({ heard }) => heard.filter(({ isIdle, isClosed }) => !isIdle && !isClosed))
    assert.equal(open.length, 0, 'exchanges with a provider that go on')
  }, patienceMs)
  await (await fetch(`${address}/metrics`)).text()
  for (const double of doubles) double.hangUp()
  world.forget()
  await eventually(() => assert.equal(world.places.openSockets(), 0), patienceMs)
  return eventually(async () => {
    const found = await service.measure()
    assert.ok((found.descriptors ?? 0) <= descriptorsMax, `${found.descriptors} files, not ${descriptorsMax}`)
    return found
  }, patienceMs)
}

const figures: Readonly<Record<string, (rest: Rest) => number>> = {
  'MiB resident beside code': ({ memory, codeBytes }) => (memory.rss - codeBytes) / mebibyte,
  'MiB of heap beside code': ({ memory, codeBytes }) => (memory.heapUsed - codeBytes) / mebibyte,
  'MiB outside it': ({ memory }) => memory.external / mebibyte,
  'files and sockets': ({ descriptors }) => descriptors ?? 0,
}
/** Of which there is only so much: told, not judged. */
const compiled = { 'MiB of code': ({ codeBytes }: Rest) => codeBytes / mebibyte }

const figuresOf = (one: Rest) =>
  Object.entries({ ...figures, ...compiled }).map(([name, read]) => `${read(one).toFixed(2)} ${name}`)

/** Loads and rests by turns; what was held at each rest. */
async function soak(soaked: Soaked, account: LoadAccount): Promise<readonly Rest[]> {
  const chance = createChance(seed)
  const startedAtMs = performance.now()
  const passedMs = () => performance.now() - startedAtMs
  const { descriptors } = await rest(soaked)
  const rests: Rest[] = []
  let from = 1
  while (rests.length < roundsMin || passedMs() < durationMs) {
    const stage = { ...soaked.world, house: soaked, connection: 'close' } as const
    from = await askSteadily(stage, { chance, requestsPerSecond, durationMs: roundMs, account, from })
    const found = { ...(await rest(soaked, (descriptors ?? 0) + sparePlaces)), atMs: passedMs() }
    rests.push(found)
    tell(`${Math.round(found.atMs / 1_000)} s, ${from - 1} requests: ${figuresOf(found).join(', ')}`)
  }
  return rests
}

/** Every request that was answered has its row, nothing is held, and the money adds up. */
function checkBooks(dataDir: string, { answered }: LoadAccount): void {
  const books = readFileBooks(dataDir)
  assert.deepEqual(checkMoney(books).findings, [])
  const known = new Set(books.rows.map(({ request_id: id }) => id.split('.')[0]))
  assert.deepEqual(
    answered.filter((mark) => !known.has(mark)),
    [],
  )
}

function tellAccount({ counts, soundFailures }: LoadAccount): void {
  const told = [...counts].map(([what, count]) => `${what} ${count}`)
  tell(`${told.join(', ')}; ${soundFailures} sound targets without an answer`)
}

const limits = { timeout: durationMs * 2 + 5 * minuteMs }

it(
  'under faults at random nothing grows, nothing stays held, and the books agree',
  limits,
  async (context) => {
    const soaked = await open(context)
    const account = emptyAccount()
    const rests = await soak(soaked, account)
    soaked.service.kill('SIGTERM')
    assert.deepEqual(await soaked.service.ending, { code: 0, signal: null }, soaked.service.stderr())
    tellAccount(account)
    assert.ok((account.counts.get('passed') ?? 0) > 0 && (account.counts.get('left') ?? 0) > 0)
    checkBooks(soaked.dataDir, account)
    assert.deepEqual(account.findings.slice(0, 20), [])
    const warm = rests.filter(({ atMs }) => atMs > warmUpMs)
    for (const [name, read] of Object.entries({ ...figures, ...compiled })) {
      const perHour = slopePerHour(warm.map((one) => ({ atMs: one.atMs, value: read(one) })))
      tell(`${perHour.toFixed(2)} ${name} more in an hour`)
      // In less time what is filled late weighs more than what grows.
      const isJudged = durationMs >= judgedFromMs && name in figures
      if (isJudged) assert.ok(perHour < 1, `${perHour} ${name} more in an hour`)
    }
  },
)
