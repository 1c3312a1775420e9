/** Houses that keep responses, before one double that plays two providers, and what the official client is told there. */
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { adminKey, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, catalogueFile, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import type { Recording } from '#tests/support/recording.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { Playback } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { HouseWish, RunningHouse } from '#tests/support/running-house.ts'

/** A key of 32 bytes. */
export const secretOf = (byte: number) => Buffer.alloc(32, byte).toString('base64')
export const claude = askingOf('anthropic-messages')
export const gpt = askingOf('openai-responses')

/** A plain text of the provider, whole or streamed. */
export function textOf(asking: typeof claude, isStreamed = false): Recording {
  const found = recordingsOf(asking).find(
    ({ reply, expect }) =>
      (reply.stream !== undefined) === isStreamed &&
      expect.outcome === 'ok' &&
      expect.text &&
      !expect.toolCalls?.length &&
      !expect.serverTools?.length,
  )
  assert.ok(found)
  return found
}

export interface KeepingStage {
  /** What the double answers from now on. */
  play(next: Playback | Recording): void
  /** The body that the double received last. */
  asked(): JsonObject | undefined
  /** How many requests it received. */
  count(): number
  /** Settings as YAML beside the usual ones; keys required, the first key of the store given. */
  openHouse(yaml: string, wish?: HouseWish): Promise<RunningHouse>
  close(): Promise<void>
}

export async function openKeepingStage(): Promise<KeepingStage> {
  let playing: Playback | Recording = textOf(claude)
  const provider = await startReplayingProvider({ recording: () => playing })
  const addresses = [claude, gpt].map(
    ({ provider: name, dialect }) => `${name}: {base_url: "${provider.baseUrl(dialect)}"}`,
  )
  const usual = `${soonWritten}${quietSettings}access: {require_key: true}
providers: {${addresses.join(', ')}}
catalog: {file: ${catalogueFile}}
`
  const environment = {
    ADMIN_API_KEY: adminKey,
    ANTHROPIC_API_KEY: claude.key,
    OPENAI_API_KEY: gpt.key,
    RESPONSE_STORE_KEYS: secretOf(1),
  }
  return {
    play(next) {
      playing = next
    },
    asked: () => asObject(provider.requests.at(-1)?.body),
    count: () => provider.requests.length,
    openHouse: async (yaml, wish = {}) =>
      startHouse({ ...wish, yaml: usual + yaml, environment: { ...environment, ...wish.environment } }),
    close: () => provider.close(),
  }
}

export async function clientOf(house: RunningHouse, wish: object = { tenant_id: 'acme' }): Promise<OpenAI> {
  const { secret } = await makeKey(house, wish)
  return new OpenAI({ baseURL: `${house.address}/v1`, apiKey: secret, maxRetries: 0 })
}

/** The package's types do not name the member. */
export const isStored = (response: object | undefined) => asObject(response)?.['store']

/** Without what the package adds by itself. */
export function told(response: object): JsonObject {
  const { output_text: _said, _request_id: _id, ...members } = asObject(response) ?? {}
  return members
}

/** What is said of an id that leads nowhere. */
export const missing = (id: string) => ({
  status: 404,
  message: new RegExp(`Response with id '${id}' not found\\.`),
})
export const missingBefore = (id: string) => ({
  status: 400,
  code: 'previous_response_not_found',
  param: 'previous_response_id',
  message: new RegExp(`Previous response with id '${id}' not found\\.`),
})

/** All pages, oldest first. */
export async function itemsOf(client: OpenAI, id: string, query = {}): Promise<readonly object[]> {
  const items: object[] = []
  for await (const item of client.responses.inputItems.list(id, { order: 'asc', ...query })) items.push(item)
  return items
}
