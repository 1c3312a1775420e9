/** The journal and the prices alone, for the commands that look into them without opening the whole house. */
import { furnish } from '#composition/furniture.ts'
import { databaseFile } from '#composition/key-room.ts'
import { systemClock } from '#composition/weather.ts'
import type { Catalog, Config } from '#config/config.ts'
import { freePrice } from '#core/domain/model-card.ts'
import type { ModelCard, PriceVersion } from '#core/domain/model-card.ts'
import type { PriceBook } from '#core/domain/price-book.ts'
import type { UsageRow } from '#core/domain/request-record.ts'
import type { Journal } from '#services/analytics-collector/journal.ts'
import { openPostgres } from '#stores/postgres/database.ts'
import { createPostgresJournal } from '#stores/postgres/journal.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'

export interface PriceDesk {
  readonly catalog: Catalog
  readonly priceBook: PriceBook
  /** The price that holds now for the moment when a row's request began. */
  readonly priceOf: (row: UsageRow) => PriceVersion | undefined
  nowMs(): number
}

/** Throws `config_invalid`. */
export function openPriceDesk(config: Config): PriceDesk {
  const { catalog, corridor } = furnish(config)
  const { priceBook } = corridor
  const cards = new Map(catalog.models.map((card) => [card.name, card]))
  return {
    catalog,
    priceBook,
    priceOf(row) {
      const card = cardFor(row, cards, config)
      return card && priceBook.priceFor(card, row.tenantId, row.startedAtMs)
    },
    nowMs: () => systemClock.nowMs(),
  }
}

/** A row names the model as the catalogue does, or, where that has none of the name, as its provider does. */
function cardFor(
  { model, provider }: UsageRow,
  cards: ReadonlyMap<string, ModelCard>,
  config: Config,
): ModelCard | undefined {
  if (model === null || provider === null) return undefined
  const known = cards.get(model)
  const isFree = config.providers.get(known?.provider ?? provider)?.isFree === true
  const own = isFree ? [freePrice] : []
  if (known) return known.prices.length === 0 ? { ...known, prices: own } : known
  return {
    name: model,
    provider,
    providerModel: model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model,
    abilities: new Set(),
    contextTokens: 0,
    maxOutputTokens: 0,
    prices: own,
    quirks: new Set(),
  }
}

export interface JournalRoom {
  readonly journal: Journal
  readonly close: () => Promise<void>
}

/** Works beside a running Signalbox. Throws `store_unavailable`. */
export async function openJournalRoom(config: Config): Promise<JournalRoom> {
  const { postgres } = config.storage
  if (!postgres) {
    const database = openDatabase({ file: databaseFile(config), isBeside: true })
    const journal = createSqliteJournal(database)
    return {
      journal,
      async close() {
        await journal.close()
        database.close()
      },
    }
  }
  // A command ends before an idle connection could fail.
  const database = await openPostgres(postgres, () => undefined)
  return { journal: createPostgresJournal(database), close: () => database.close() }
}
