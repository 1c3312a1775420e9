/** The house that every client asks: keys required, and behind it one double that plays all six providers. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Dialect } from '#core/domain/chat.ts'
import { aliasPrefix } from '#tests/clients/langchain-google.ts'
import { faultsFor } from '#tests/clients/provider-rules.ts'
import { targets } from '#tests/clients/targets.ts'
import type { Target } from '#tests/clients/targets.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { assertNothingHeld, soonWritten } from '#tests/journeys/records.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { Playback, ReceivedRequest } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'

export interface ClientStage {
  /** `http://localhost:<port>`. */
  readonly address: string
  /** A key made for this stage, as applications get one. */
  readonly apiKey: string
  /** What the double answers from now on, in turn; the last one again and again. */
  play(...playbacks: readonly (Playback | Recording)[]): void
  /** What the double answers from now on, made from each request. */
  playFor(answer: (request: ReceivedRequest) => Recording): void
  /** The requests that the double received since the last `play`. */
  received(): readonly ReceivedRequest[]
  /** How many requests ended with this problem so far, by the rows that are written. */
  rowsWith(problem: string): number
  assertNothingHeld(): Promise<void>
  close(): Promise<void>
}

const settings = `
${soonWritten}
mode: production
access: {require_key: true, failed_keys_per_minute: 100000}
cache: {enabled: false}
resilience: {attempts_per_target: 1, breaker: {minimum_requests: 1000000}}
rescue: {policy: error}
`

/** The key that the double wants to see from the gateway, by provider. */
export const providerKey = ({ provider }: Target): string => `key-of-${provider}-for-this-test`

export interface StageChanges {
  /** Settings beside the usual ones, as YAML. */
  readonly yaml?: string
  readonly environment?: Readonly<Record<string, string>>
}

export async function openClientStage(changes: StageChanges = {}): Promise<ClientStage> {
  let answer: (request: ReceivedRequest, turn: number) => Playback | Recording | undefined = () => undefined
  let playedFrom = 0
  const provider = await startReplayingProvider({
    recording: (request) => answer(request, provider.requests.length - playedFrom - 1),
  })
  const addresses = new Map(targets.map(({ provider: name, path }) => [name, provider.origin + path]))
  const rows = [...addresses].map(([name, address]) => `  ${name}: {base_url: "${address}"}`)
  const models = targets.flatMap(({ model, embeddingModel }) => [model, embeddingModel ?? []].flat())
  const aliases = models.map((model) => `${aliasPrefix}${model}: ${model}`)
  const catalogue = join(import.meta.dirname, 'catalogue.yaml')
  const house = await startHouse({
    yaml: `${settings}${changes.yaml ?? ''}\nproviders:\n${rows.join('\n')}\ncatalog: {file: ${catalogue}}\nrouting: {aliases: {${aliases.join()}}}\n`,
    environment: {
      ADMIN_API_KEY: adminKey,
      ...changes.environment,
      ...Object.fromEntries(targets.map((target) => [target.keyName, providerKey(target)])),
    },
  })
  const key = await makeKey(house, { tenant_id: 'applications' })
  const database = new DatabaseSync(join(house.dataDir, 'signalbox.db'), { readOnly: true })
  const countRows = database.prepare('SELECT count(*) AS count FROM usage_rows WHERE problem = ?')
  return {
    address: house.address,
    apiKey: key.secret,
    play(...playbacks) {
      answer = (_request, turn) => playbacks[Math.min(turn, playbacks.length - 1)]
      playedFrom = provider.requests.length
    },
    playFor(next) {
      answer = next
      playedFrom = provider.requests.length
    },
    received: () => provider.requests.slice(playedFrom),
    rowsWith: (problem) => Number(countRows.get(problem)?.['count']),
    assertNothingHeld: () => assertNothingHeld(house, bearer(adminKey)),
    async close() {
      database.close()
      await house.close()
      await provider.close()
    },
  }
}

/** The provider was asked at its own address, with the gateway's key alone, in a form that it takes. */
export function assertAskedRightly(target: Target, dialect: Dialect, request: ReceivedRequest): void {
  assert.ok(request.path.startsWith(target.path), `${target.title} was asked at ${request.path}`)
  assert.equal(request.dialect, dialect, `asked as ${String(request.dialect)}`)
  const everything = JSON.stringify(request.headers) + request.bodyText
  assert.ok(everything.includes(providerKey(target)), "the provider's key was sent")
  assert.ok(!everything.includes('sbk_'), 'no key of the gateway was sent')
  const faults = faultsFor(target, dialect, request.body)
  assert.equal(faults.join('\n'), '', `${target.title} refuses: ${faults.join('; ')} in ${request.bodyText}`)
}
