/** The documents agree with the code: what is written from it is fresh, what is said of it is complete, links lead somewhere. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { quirkMeanings } from '#config/catalog-schema.ts'
import { loadCatalog } from '#config/catalog.ts'
import { adminConfigSchema } from '#config/schema.ts'
import { readTextFile } from '#config/system-source.ts'
import { problemCatalogue } from '#core/domain/problem-catalogue.ts'
import { builtInProviders } from '#services/llm-adapters/cousins.ts'
import { loadGiven } from '#tests/support/given-config.ts'
import { exampleConfig } from '../tools/docs/example-config.ts'
import { packageVersion, referenceFiles, testedPages, writtenPages } from '../tools/docs/reference.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = await referenceFiles()

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Every text in src, without the tests, by its path. */
function sourceTexts(): [path: string, text: string][] {
  return globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => [path, read(path)])
}

describe('what is written from the code', () => {
  for (const [path, text] of files) {
    it(`${path} is fresh`, () => {
      assert.ok(existsSync(join(root, path)), `${path} is missing: run npm run docs`)
      assert.ok(read(path) === text, `${path} is stale: run npm run docs`)
    })
  }
  it('docs/reference holds nothing else', () => {
    const found = globSync('docs/reference/**/*', { cwd: root }).filter((path) =>
      statSync(join(root, path)).isFile(),
    )
    const others = [...testedPages, ...writtenPages].map((name) => `docs/reference/${name}`)
    assert.deepEqual(
      found.filter((path) => !files.has(path) && !others.includes(path)),
      [],
    )
  })
  it('every error that the code throws stands on the page of errors', () => {
    const page = read('docs/reference/errors.md')
    for (const code of Object.keys(problemCatalogue)) assert.ok(page.includes(`\`${code}\``), code)
  })
  it('every setting that has a default stands with it on the page of settings', () => {
    const page = read('docs/reference/settings.md')
    const lines = leavesOf(adminConfigSchema.parse({})).map(
      ([path, value]) => `| \`${path}\` | \`${JSON.stringify(value)}\` |`,
    )
    assert.ok(lines.length > 50)
    assert.deepEqual(
      lines.filter((line) => !page.includes(line)),
      [],
    )
  })
  it('every entry of a list or map stands there too', () => {
    const page = read('docs/reference/settings.md')
    for (const path of [
      'providers.<name>.base_url',
      'routing.routes.<name>.strategy',
      'budget.limits[].scope',
    ]) {
      assert.ok(page.includes(`| \`${path}\` |`), path)
    }
  })
  for (const [schema, file] of [
    ['admin_config.schema.json', 'config/admin_config.yaml'],
    ['model_catalog.schema.json', 'config/model_catalog.yaml'],
  ] as const) {
    it(`${schema} accepts ${file} and sees a misspelt name in it`, () => {
      const isRight = new Ajv({ strict: false, validateFormats: false }).compile(
        JSON.parse(read(`docs/reference/${schema}`)) as object,
      )
      const content = parse(read(file)) as Record<string, unknown>
      assert.ok(isRight(content), JSON.stringify(isRight.errors))
      assert.ok(!isRight({ ...content, misspelt: {} }))
    })
  }
})

describe('config/admin_config.yaml', () => {
  const plain = { ...loadGiven(), file: undefined, keyVault: undefined }
  it('as it is shipped means the same as no file at all', () => {
    const shipped = loadGiven({ yaml: read('config/admin_config.yaml') })
    assert.deepEqual({ ...shipped, file: undefined, keyVault: undefined }, plain)
  })
  it('shows examples that are accepted', () => {
    const yaml = exampleConfig({ showsExamples: true })
    const config = loadGiven({ yaml })
    assert.equal(config.providers.get('our-own')?.isFree, true)
    assert.equal(config.routing.routes.get('support')?.targets.length, 2)
    assert.equal(config.budget.limits.length, 3)
    assert.equal(config.limits.perUser.requestsPerMinute, 600)
  })
  it('shows examples with models that exist', () => {
    const { models, aliases } = loadCatalog(
      { file: undefined, overridesFile: undefined },
      { readFile: readTextFile },
    )
    const known = new Set([...models.map(({ name }) => name), ...aliases.keys()])
    const { routing, providers } = loadGiven({ yaml: exampleConfig({ showsExamples: true }) })
    const routed = [...routing.routes.values()].flatMap(({ targets }) => targets.map(({ model }) => model))
    const offered = [...providers.values()].flatMap((provider) => provider.models ?? [])
    const named = [...routed, ...offered, ...routing.aliases.values()]
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    )
  })
})

describe('the model catalogue', () => {
  const { models } = loadCatalog({ file: undefined, overridesFile: undefined }, { readFile: readTextFile })
  it('names only providers that have a row', () => {
    const rows = new Set(builtInProviders.map(({ name }) => name))
    const strangers = models.filter(({ provider }) => !rows.has(provider)).map(({ name }) => name)
    assert.deepEqual(strangers, [])
  })
  it('knows every quirk that is read from a card, and none that nobody reads', () => {
    const readFromCards = new Set<string>()
    for (const [, text] of sourceTexts()) {
      for (const [, quirk = ''] of text.matchAll(/card\.quirks\.has\('([a-z_]+)'\)/g))
        readFromCards.add(quirk)
    }
    assert.deepEqual([...readFromCards].sort(), Object.keys(quirkMeanings).sort())
  })
})

describe('texts', () => {
  const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root })
  it('every link inside the repository leads somewhere', () => {
    assert.ok(pages.length > 5, 'the pages were not found')
    const broken = pages.flatMap((page) =>
      linksOf(read(page))
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    )
    assert.deepEqual(broken, [])
  })
  it('sees a link that leads nowhere', () => {
    const text = 'a [link](gone.md#part), [one out](https://example.com), [a place](#here), `[no](link.md)`'
    assert.deepEqual(linksOf(text), ['gone.md'])
  })
  it('the changelog has an entry for this version', () => {
    const version = packageVersion().replaceAll('.', '\\.')
    assert.match(read('CHANGELOG.md'), new RegExp(`^## ${version}(?: |$)`, 'm'))
  })
})

/** Every value of the settings by its path; empty sections have none. */
function leavesOf(value: unknown, path = ''): [path: string, value: unknown][] {
  const isInner = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isInner) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  )
}

/** The relative targets of a page's links, without what stands in code and without the part after #. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s[^)]*)?\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}
