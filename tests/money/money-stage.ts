/** Houses with a provider double that keeps its own bill: each call has a mark, by which its playback, bill and row meet. */
import { setTimeout as pause } from 'node:timers/promises'
import { askingOf, catalogueFile, quietSettings } from '#tests/journeys/provider-stage.ts'
import { soonWritten } from '#tests/journeys/records.ts'
import type { ProviderBill } from '#tests/money/ledger-check.ts'
import { readFileBooks, readSharedBooks } from '#tests/money/money-books.ts'
import type { MoneyBooks } from '#tests/money/money-books.ts'
import { startReplayingProvider } from '#tests/support/replaying-provider.ts'
import type { Playback, ReceivedRequest, ReplayingProvider } from '#tests/support/replaying-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'
import type { Dialect } from '#core/domain/chat.ts'

export interface BilledPlayback extends Playback {
  /** What the provider charges for this call, whoever hears the answer. */
  readonly costNanoUsd: number
}

export interface MoneyStageWish {
  readonly houses?: number
  /** With it the houses share a ledger there. */
  readonly redisUrl?: string
  /** Sections of YAML. */
  readonly settings?: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface MarkedCall {
  readonly mark: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly house?: number
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

export interface MoneyStage {
  readonly houses: readonly RunningHouse[]
  readonly provider: ReplayingProvider
  /** What the double has on its bill, in the order of the calls that reached it. */
  readonly bills: readonly ProviderBill[]
  play(mark: string, playback: BilledPlayback): void
  /** The same for every call without a playback of its own. */
  playAlways(playback: BilledPlayback): void
  ask(call: MarkedCall): Promise<Response>
  books(): Promise<MoneyBooks>
  close(): Promise<void>
}

/** A prompt that the double tells calls apart by. */
export const markedPrompt = (mark: string, words = 'Hello'): string => `<<${mark}>> ${words}`
const markIn = ({ bodyText }: ReceivedRequest) => /<<([\w-]+)>>/.exec(bodyText)?.[1]

export const keyPrefix = 'money-of-this-test'

export async function openMoneyStage(wish: MoneyStageWish = {}): Promise<MoneyStage> {
  const playbacks = new Map<string, BilledPlayback>()
  const bills: ProviderBill[] = []
  let usual: BilledPlayback | undefined
  const provider = await startReplayingProvider({
    recording(request) {
      const mark = markIn(request) ?? ''
      const playback = playbacks.get(mark) ?? usual
      if (playback) bills.push({ mark, costNanoUsd: playback.costNanoUsd })
      return playback
    },
  })
  const redis =
    wish.redisUrl === undefined
      ? ''
      : `storage: {redis: {url: "${wish.redisUrl}", key_prefix: ${keyPrefix}}}\n`
  const yaml = `${soonWritten}${quietSettings}${redis}${providerRows(provider)}${wish.settings ?? ''}`
  const environment = { ...keys, ...wish.environment }
  const houses: RunningHouse[] = []
  for (let count = 0; count < (wish.houses ?? 1); count += 1)
    houses.push(await startHouse({ yaml, environment }))
  return {
    houses,
    provider,
    bills,
    play: (mark, playback) => void playbacks.set(mark, playback),
    playAlways(playback) {
      usual = playback
    },
    ask: ({ mark, path, body, house = 0, signal, headers }) =>
      fetch(`${houses[house]?.address}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': mark, ...headers },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      }),
    books: () => {
      const dataDirs = houses.map(({ dataDir }) => dataDir)
      return wish.redisUrl === undefined
        ? Promise.resolve(readFileBooks(dataDirs[0] ?? ''))
        : readSharedBooks(wish.redisUrl, keyPrefix, dataDirs)
    },
    async close() {
      for (const house of houses) await house.close()
      await provider.close()
    },
  }
}

const keys = {
  OPENAI_API_KEY: askingOf('openai-chat').key,
  ANTHROPIC_API_KEY: askingOf('anthropic-messages').key,
  GEMINI_API_KEY: askingOf('gemini-generate').key,
  COHERE_API_KEY: askingOf('cohere-chat').key,
}

/** The rows of the four providers at the double, and the catalogue whose prices never change. */
export function providerRows(provider: ReplayingProvider): string {
  const row = (name: string, dialect: Dialect) => `  ${name}: {base_url: "${provider.baseUrl(dialect)}"}`
  const rows = [
    row('openai', 'openai-chat'),
    row('anthropic', 'anthropic-messages'),
    row('google', 'gemini-generate'),
    row('cohere', 'cohere-chat'),
  ]
  return `providers:\n${rows.join('\n')}\ncatalog: {file: ${catalogueFile}}\n`
}

/** Runs jobs a few at a time: a machine with two cores gains nothing from more. */
export async function inTurns<T>(jobs: ReadonlyArray<() => Promise<T>>, atOnce = 8): Promise<T[]> {
  const results: T[] = []
  const left = [...jobs.entries()]
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [position, job] = next
      results[position] = await job()
      await pause(0)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
