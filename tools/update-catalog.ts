/**
 * Compares the model catalogue with public price lists and, with --write, takes prices and limits over.
 *
 *   npm run catalog:update -- [--genai-prices FILE|URL] [--models-dev FILE|URL] [--catalog FILE] [--all] [--write]
 *
 * Without --genai-prices the list of the installed package @pydantic/genai-prices is read. Nothing runs by itself.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { waitForUpdate } from '@pydantic/genai-prices'
import { ownCatalogFile, readCatalog } from '#config/catalog.ts'
import { parseJson } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { readTextFile } from '#config/system-source.ts'
import { findDifferences } from './catalog/differences.ts'
import { readGenaiPrices } from './catalog/genai-prices.ts'
import { readModelsDev } from './catalog/models-dev.ts'
import { reportOf } from './catalog/report.ts'
import { withDifferences } from './catalog/rewrite.ts'
import type { UpstreamList } from './catalog/upstream.ts'

const { values: options } = parseArgs({
  options: {
    'genai-prices': { type: 'string' },
    'models-dev': { type: 'string' },
    catalog: { type: 'string', default: ownCatalogFile },
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

async function readList(place: string): Promise<JsonValue> {
  const isWeb = /^https?:\/\//.test(place)
  const text = isWeb ? await fetchText(place) : readFileSync(place, 'utf8')
  const data = parseJson(text)
  if (data === undefined) throw new Error(`${place} is not JSON`)
  return data
}

async function fetchText(url: string): Promise<string> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`)
  return reply.text()
}

async function readPrices(): Promise<UpstreamList> {
  const place = options['genai-prices']
  if (place !== undefined) return readGenaiPrices(await readList(place), `genai-prices, read ${today}`)
  const version = packageVersion()
  const providers = JSON.parse(JSON.stringify(await waitForUpdate())) as JsonValue
  return readGenaiPrices(providers, `genai-prices ${version}`)
}

/** The package keeps its own package.json to itself, so it is found beside its entry. */
function packageVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', `file://${entry}`), 'utf8')) as {
    version: string
  }
  return version
}

const today = new Date().toISOString().slice(0, 10)
const limitsPlace = options['models-dev']
const lists = {
  prices: await readPrices(),
  limits:
    limitsPlace === undefined
      ? undefined
      : readModelsDev(await readList(limitsPlace), `models.dev, read ${today}`),
}
const { content } = readCatalog(options.catalog, { readFile: readTextFile })
const differences = findDifferences(content, lists, today)
console.log(reportOf(differences, options.all))
if (options.write) {
  const text = withDifferences(readFileSync(options.catalog, 'utf8'), differences)
  // What is written must be readable: a fault is thrown with its line before anything is touched.
  readCatalog(options.catalog, { readFile: () => text })
  writeFileSync(options.catalog, text)
  console.log(`${options.catalog} was written. Read the difference, then run: npm run docs`)
}
