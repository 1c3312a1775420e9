/** config/admin_config.yaml: every setting with its default and its sentence, ready to be changed. */
import { stringify } from 'yaml'
import { entryOf, isSection, settingsSchema } from './setting-tree.ts'
import type { JsonSchema } from './setting-tree.ts'

/** What an entry of a map or list may look like; shown as comments, and checked by a test. */
const examples: Readonly<Record<string, unknown>> = {
  'storage.redis.url': 'redis://localhost:6379',
  'storage.postgres.url': 'postgres://signalbox@localhost:5432/signalbox',
  'storage.postgres.read_url': 'postgres://signalbox@localhost:5433/signalbox',
  'key_vault.vault_url': 'file:///run/secrets',
  'key_vault.file': '/run/secrets',
  'key_vault.hashicorp.path': 'team',
  'key_vault.hashicorp.common_secret': 'provider-keys',
  'key_vault.hashicorp.namespace': 'signalbox',
  'key_vault.hashicorp.login.mount': 'approle',
  'key_vault.hashicorp.login.role': 'signalbox',
  'key_vault.hashicorp.ca_file': '/etc/ssl/vault-ca.pem',
  providers: {
    openai: { key_vault_key: 'OPENAI_API_KEY', models: ['gpt-6-sol', 'gpt-6-luna'] },
    ollama: { base_url: 'http://localhost:11434/v1' },
    'our-own': { base_url: 'http://10.0.0.7:8000/v1', dialect: 'openai-chat', auth: 'none', free: true },
  },
  'routing.routes': {
    support: {
      strategy: 'weighted',
      targets: [
        { model: 'gpt-6-luna', weight: 3 },
        { model: 'claude-haiku-4-5', weight: 1 },
      ],
    },
    careful: { strategy: 'ordered', targets: ['claude-opus-5-5', 'gpt-6-sol'] },
  },
  'routing.aliases': { assistant: 'claude-sonnet-5' },
  'limits.requests_per_minute': 600,
  'limits.tokens_per_minute': 200_000,
  'limits.concurrent_requests': 20,
  'limits.priority_max': 'critical',
  'budget.default_monthly_limit': 1000,
  // As much as USD, which currency is unless it is set.
  'budget.currency_per_usd': 1,
  'budget.limits': [
    { scope: 'everyone', window: 'day', limit: 250 },
    { scope: 'user', window: 'month', limit: 20 },
    { scope: 'tenant', id: 'research', window: 'month', limit: 5000 },
  ],
  'alerts.destinations': [
    { name: 'finance', kind: 'webhook', url: 'https://finance.example.com/alerts', secret: 'ALERT_SECRET' },
    { name: 'chat', kind: 'slack', url_secret: 'SLACK_WEBHOOK_URL', scopes: ['everyone', 'tenant'] },
    {
      name: 'mail',
      kind: 'email',
      host: 'smtp.example.com',
      user: 'signalbox',
      password_secret: 'SMTP_PASSWORD',
      from: 'signalbox@example.com',
      to: ['ops@example.com'],
      tenants: ['research'],
    },
  ],
  'cache.redis_url': 'redis://localhost:6379',
  'analytics.keep_days': 400,
  'catalog.file': 'config/model_catalog.yaml',
  'catalog.overrides': 'config/my_models.yaml',
}

const head = `# yaml-language-server: $schema=../docs/reference/admin_config.schema.json
# Every setting of Signalbox with its default; what is commented out has none. All of it may be left out.
# This file is written by \`npm run docs\`. To change settings, change them here or, better, copy the file and start
# with CONFIG_FILE=/path/to/your.yaml. Every setting with its form: docs/reference/settings.md
`

/** With examples switched on their comment signs are left away, so that a test can load them. */
export function exampleConfig(options: { readonly showsExamples: boolean }): string {
  const lines: string[] = []
  for (const [name, schema] of Object.entries(settingsSchema().properties ?? {})) {
    lines.push('', ...settingLines(name, schema, { path: name, indent: '', ...options }))
  }
  return `${head}${lines.join('\n')}\n`
}

interface Place {
  readonly path: string
  readonly indent: string
  readonly showsExamples: boolean
}

function settingLines(name: string, schema: JsonSchema, place: Place): string[] {
  const { path, indent } = place
  const comment = schema.description === undefined ? [] : wrapped(schema.description, indent)
  if (isSection(schema)) {
    const inner = { ...place, indent: `${indent}  ` }
    const fields = Object.entries(schema.properties ?? {}).flatMap(([field, fieldSchema]) =>
      settingLines(field, fieldSchema, { ...inner, path: `${path}.${field}` }),
    )
    return [...comment, `${indent}${name}:`, ...fields]
  }
  const example = examples[path] ?? examples[`${path.split('.')[0]}.${name}`]
  if (example === undefined) return [...comment, `${indent}${name}: ${inline(schema.default)}`]
  const isOpen = entryOf(schema) !== undefined || schema.type === 'object'
  return isOpen
    ? [...comment, `${indent}${name}:`, ...exampleLines(example, place)]
    : [...comment, `${indent}${place.showsExamples ? '' : '# '}${name}: ${inline(example)}`]
}

/** An entry's example below its name: block by block, short things on one line. */
function exampleLines(example: unknown, { indent, showsExamples }: Place): string[] {
  const sign = showsExamples ? '' : '# '
  const text = stringify(example, { collectionStyle: 'any', lineWidth: 0 }).trimEnd()
  return text.split('\n').map((line) => `${indent}  ${sign}${line}`)
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}

const widthMax = 116

function wrapped(sentence: string, indent: string): string[] {
  const lines: string[] = []
  let line = `${indent}#`
  for (const word of sentence.split(' ')) {
    if (line.length + 1 + word.length > widthMax) {
      lines.push(line)
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
