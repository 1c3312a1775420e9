/** Every file that is written from the code, by its path from the root. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { catalogSchema } from '#config/catalog-schema.ts'
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import { modelsPage, providersPage } from './catalog-pages.ts'
import { errorsPage, metricsPage, openapiDocument, routesPage } from './code-pages.ts'
import { exampleConfig } from './example-config.ts'
import { jsonText, page, table } from './markdown.ts'
import { settingsSchema, withEmptySections } from './setting-tree.ts'
import { settingsPage } from './settings-page.ts'
import { translationPage } from './translation-page.ts'

export async function referenceFiles(): Promise<ReadonlyMap<string, string>> {
  const reference = {
    'settings.md': settingsPage(),
    'admin_config.schema.json': jsonText(withEmptySections(settingsSchema())),
    'model_catalog.schema.json': jsonText(z.toJSONSchema(catalogSchema, { io: 'input', target: 'draft-7' })),
    'providers.md': providersPage(),
    'models.md': modelsPage(),
    'routes.md': routesPage(),
    'openapi.json': jsonText(await openapiDocument(packageVersion())),
    'errors.md': errorsPage(),
    'metrics.md': metricsPage(),
    'translation.md': translationPage(),
  }
  const files = new Map(Object.entries(reference).map(([name, text]) => [`docs/reference/${name}`, text]))
  files.set(
    'docs/reference/README.md',
    contents([...Object.keys(reference), ...testedPages, ...writtenPages]),
  )
  files.set('config/admin_config.yaml', exampleConfig({ showsExamples: false }))
  return files
}

/** Pages that the tests write: what they say was seen, and is checked where it was seen. */
export const testedPages: readonly string[] = ['compatibility.md']

/** Pages that people write; tests check what they name. */
export const writtenPages: readonly string[] = ['money.md', 'resilience.md']

const sentences: Readonly<Record<string, string>> = {
  'settings.md': 'every setting and environment variable',
  'admin_config.schema.json': 'the settings as JSON Schema, for editors',
  'model_catalog.schema.json': 'the model catalogue as JSON Schema, for editors',
  'providers.md': 'the providers known from the start',
  'models.md': 'the models, their abilities, limits, prices and other names',
  'routes.md': 'what is served, and which permission it asks for',
  'openapi.json': 'the same as an OpenAPI 3.1 document',
  'errors.md': 'every error code, with what to do about it',
  'metrics.md': 'every metric, with its labels',
  'translation.md': 'what becomes of each feature of a request at each target',
  'compatibility.md': 'what works with which client and which provider, as tested',
  'money.md': 'what budgets promise, what proves it, and where the promise ends',
  'resilience.md': 'what becomes of a request when its provider fails: every fault, and the scores',
}

function contents(names: readonly string[]): string {
  return page(
    'Reference',
    table(
      ['File', 'What it holds'],
      names.map((name) => [`[${name}](${name})`, sentences[name] ?? '']),
    ),
  )
}

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const version = asString(asObject(parseJson(text))?.['version'])
  if (version === undefined) throw new Error('package.json states no version')
  return version
}
