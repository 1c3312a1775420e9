/** A house whose providers are one double for errands, with the real catalogue and its prices. */
import assert from 'node:assert/strict'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { soonWritten, readRecords } from '#tests/journeys/records.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { startErrandDouble } from '#tests/errands/errand-double.ts'
import type { ErrandDouble } from '#tests/errands/errand-double.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly body: JsonObject
  /** What the double received for it. */
  readonly sent: readonly JsonObject[]
}

export interface ErrandStage {
  /** Sends one request and gives what came of it, here and at the double. */
  ask(path: string, body: JsonValue, headers?: Readonly<Record<string, string>>): Promise<Told>
  readonly house: RunningHouse
  readonly address: string
  readonly double: ErrandDouble
  /** The rows of one request, once they are written. */
  rowsOf(requestId: string): Promise<readonly KeptRow[]>
  /** Nothing is held any more, and every request has exactly one row that ends it. */
  assertSettled(): Promise<void>
  close(): Promise<void>
}

const settings = `
cache: {enabled: false}
resilience: {attempts_per_target: 2, retry_base_ms: 1, retry_max_ms: 2, breaker: {minimum_requests: 1000000}}
`

export interface ErrandStageWish {
  /** Further sections of YAML. */
  readonly settings?: string
  readonly environment?: Readonly<Record<string, string>>
}

export async function openErrandStage(wish: ErrandStageWish = {}): Promise<ErrandStage> {
  const double = await startErrandDouble()
  const { origin } = double
  const opening = startHouse({
    yaml: `${soonWritten}${settings}${wish.settings ?? 'pricing: {unknown_model: ceiling}\n'}providers:
  openai: {base_url: "${origin}/v1"}
  anthropic: {base_url: "${origin}/v1"}
  google: {base_url: "${origin}/v1beta"}
  cohere: {base_url: "${origin}/v2"}
  mistral: {base_url: "${origin}/mistral/v1"}
  together: {base_url: "${origin}/together/v1"}
  ollama: {base_url: "${origin}/ollama/v1", free: true}
  vllm: {base_url: "${origin}/vllm/v1", free: true}
`,
    environment: {
      OPENAI_API_KEY: 'sk-openai',
      ANTHROPIC_API_KEY: 'sk-anthropic',
      GEMINI_API_KEY: 'google-key',
      COHERE_API_KEY: 'cohere-key',
      MISTRAL_API_KEY: 'mistral-key',
      TOGETHER_API_KEY: 'together-key',
      ...wish.environment,
    },
  })
  const house = await opening.catch(async (failure: unknown) => {
    await double.close()
    throw failure
  })
  const rowsOf = (requestId: string) =>
    eventually(() => {
      const rows = readRecords(house.dataDir).rows.filter((row) => row.request_id === requestId)
      assert.ok(
        rows.some(({ kind }) => kind !== 'failed'),
        `no row ends ${requestId}`,
      )
      return rows
    })
  return {
    house,
    address: house.address,
    double,
    async ask(path, body, headers = {}) {
      const from = double.received.length
      const response = await house.post(path, body, headers)
      const told = asObject(await response.json()) ?? {}
      const sent = double.received.slice(from).map((request) => request.body)
      return { status: response.status, headers: response.headers, body: told, sent }
    },
    rowsOf,
    async assertSettled() {
      await eventually(() => assert.equal(readRecords(house.dataDir).heldNanoUsd.size, 0))
      const ends = new Map<string, number>()
      for (const { request_id: id, kind } of readRecords(house.dataDir).rows) {
        ends.set(id, (ends.get(id) ?? 0) + (kind === 'failed' ? 0 : 1))
      }
      for (const [id, count] of ends) assert.equal(count, 1, `rows that end ${id}`)
    },
    async close() {
      await house.close()
      await double.close()
    },
  }
}
