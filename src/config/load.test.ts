/** What the settings file may say, what is refused and how it is said. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadGiven as load, refusalOf as refusal } from '#tests/support/given-config.ts'

describe('defaults', () => {
  it('without a file and without variables there is a development gateway on loopback', () => {
    const config = load()
    assert.equal(config.file, undefined)
    assert.equal(config.mode, 'development')
    assert.equal(config.server.host, '127.0.0.1')
    assert.equal(config.server.port, 8000)
    assert.equal(config.server.bodyBytesMax, 20 * 1024 * 1024)
    assert.equal(config.access.requireKey, false)
    assert.equal(config.simulation.enabled, 'auto')
    assert.equal(config.budget.unstatedMaxOutputTokens, 16_384)
    assert.equal(config.pricing.unknownModel, 'refuse')
    assert.deepEqual(config.warnings, [])
  })
  it('the configuration is frozen in depth', () => {
    const config = load({ yaml: 'providers: {openai: {models: [gpt-4o]}}' })
    assert.throws(() => Object.assign(config.resilience.breaker, { openMs: 1 }), TypeError)
    const models = config.providers.get('openai')?.models as string[]
    assert.throws(() => models.push('x'), TypeError)
  })
  it('sections whose every line is a comment mean the same as sections left out', () => {
    const { keyVault: left, ...empty } = load({
      yaml: 'server:\nproviders:\n  # openai:\nbudget:\n  limits:\n',
    })
    const { keyVault: right, ...none } = load()
    assert.deepEqual({ ...empty, file: undefined }, none)
    assert.equal(left.provider, right.provider)
  })
  it('answers that are not kept are handed over in Redis, and in PostgreSQL only when it is said', () => {
    const handedMs = (environment: Readonly<Record<string, string>>, yaml = '') =>
      load({ yaml, environment }).idempotency.answersHandedMs
    const pepper = { KEY_PEPPER: Buffer.alloc(32, 7).toString('base64') }
    assert.equal(handedMs({ REDIS_URL: 'redis://localhost' }), 10_000)
    assert.equal(handedMs({ DATABASE_URL: 'postgres://localhost/x', ...pepper }), 0)
    const said = 'idempotency: {answers_handed_ms: 500}'
    assert.equal(handedMs({ DATABASE_URL: 'postgres://localhost/x', ...pepper }, said), 500)
  })
})

describe('forms accepted as they are', () => {
  it('a vault, providers by key name, a shared cache and a monthly budget load, and what is not live is said', () => {
    const config = load({
      yaml: `
key_vault:
  provider: azure
  vault_url: https://company.vault.azure.net
providers:
  openai:
    key_vault_key: openai-api-key
    models: [gpt-4, gpt-3.5-turbo]
  google:
    key_vault_key: google-api-key
    base_url: https://proxy.example.com/google/
cache:
  enabled: true
  redis_url: redis://localhost:6379
  default_ttl: 600
budget:
  default_monthly_limit: 1000.00
  currency: USD
pricing:
  unknown_model: ceiling
  ceiling_usd_per_million_tokens: {input: 0.15, output: "60.000000001"}
`,
    })
    assert.equal(config.keyVault.provider, 'env')
    assert.deepEqual(config.providers.get('openai')?.models, ['gpt-4', 'gpt-3.5-turbo'])
    assert.equal(config.providers.get('openai')?.keyVaultKey, 'openai-api-key')
    assert.equal(config.providers.get('google')?.baseUrl, 'https://proxy.example.com/google')
    assert.equal(config.cache.defaultTtlMs, 600_000)
    assert.equal(config.budget.defaultMonthlyLimitNanoUsd, 1_000_000_000_000)
    assert.deepEqual(config.pricing, {
      unknownModel: 'ceiling',
      ceiling: { input: 150_000_000, output: 60_000_000_001 },
      unknownServiceMillionths: 2_500_000,
      ownPrices: [],
      margins: [],
    })
    assert.equal(config.warnings.length, 2)
    assert.match(
      config.warnings[0] ?? '',
      /azure is not live in this version: provider keys are read from the environment/,
    )
    assert.match(config.warnings[1] ?? '', /redis_url is not live in this version/)
  })
  it('routes take names alone or with weights', () => {
    const { routing } = load({
      yaml: 'routing: {routes: {mine: {strategy: weighted, targets: [gpt-4o, {model: openai/gpt-5, weight: 3}]}}}',
    })
    assert.deepEqual(routing.routes.get('mine'), {
      strategy: 'weighted',
      targets: [
        { model: 'gpt-4o', weight: 1 },
        { model: 'openai/gpt-5', weight: 3 },
      ],
    })
  })
})

describe('refusals', () => {
  it('every fault is listed with its place, its reason and the name that was meant', () => {
    const problem = refusal({
      yaml: 'cach: {}\nserver:\n  prot: 80\n  host: 5\ncache: {ttl: 5}\nredis_url: x\n',
    })
    const faults = problem.details.facts?.['faults']
    assert.deepEqual(faults, [
      {
        source: 'config/admin_config.yaml',
        path: 'server.host',
        reason: 'must be text (quote it if it looks like a number)',
        nearest: undefined,
        line: 4,
        column: 9,
      },
      {
        source: 'config/admin_config.yaml',
        path: 'server.prot',
        reason: 'is not a setting',
        nearest: 'port',
        line: 3,
        column: 3,
      },
      {
        source: 'config/admin_config.yaml',
        path: 'cache.ttl',
        reason: 'is not a setting',
        nearest: 'default_ttl',
        line: 5,
        column: 9,
      },
      {
        source: 'config/admin_config.yaml',
        path: 'cach',
        reason: 'is not a setting',
        nearest: 'cache',
        line: 1,
        column: 1,
      },
      {
        source: 'config/admin_config.yaml',
        path: 'redis_url',
        reason: 'is not a setting',
        nearest: 'cache.redis_url',
        line: 6,
        column: 1,
      },
    ])
    assert.match(
      problem.message,
      /config\/admin_config\.yaml:3:3: server\.prot is not a setting; did you mean port\?/,
    )
  })
  it('a key that stands twice is refused', () => {
    assert.match(refusal({ yaml: 'mode: auto\nmode: production\n' }).message, /:2:1: .*keys must be unique/)
  })
  it('text that is no YAML is refused with its line', () => {
    assert.match(
      refusal({ yaml: 'server:\n  host: [\n' }).message,
      /admin_config\.yaml:\d:\d+: the file is not valid YAML/,
    )
  })
  it('anchors that grow without end are refused', () => {
    const rows = Array.from(
      { length: 20 },
      (_, row) => `a${row + 1}: &a${row + 1} [*a${row},*a${row},*a${row}]`,
    )
    assert.match(refusal({ yaml: `a0: &a0 [x]\n${rows.join('\n')}` }).message, /cannot be read: .*alias/i)
  })
  it('a provider key in the file is refused, and its value is not repeated', () => {
    const problem = refusal({ yaml: 'providers:\n  openai:\n    api_key: sk-very-secret\n' })
    assert.match(problem.message, /keys never stand in this file/)
    assert.doesNotMatch(JSON.stringify(problem.details) + problem.message, /very-secret/)
  })
  it('a file that was named and is missing is refused', () => {
    assert.match(
      refusal({ environment: { CONFIG_FILE: 'gone.yaml' } }).message,
      /gone\.yaml: the file does not exist/,
    )
  })

  const wrong: ReadonlyArray<readonly [string, RegExp]> = [
    ['budget: {currency: EUR}', /budget\.currency needs currency_per_usd: how much EUR/],
    ['budget: {currency: euros, currency_per_usd: 1}', /three letters/],
    ['budget: {currency_per_usd: 2}', /must be 1 for USD/],
    ['budget: {currency: EUR, currency_per_usd: 1e9}', /a rate above 0/],
    ['budget: {limits: [{scope: tenant, limit: "5 GBP"}]}', /is in GBP/],
    ['budget: {default_monthly_limit: -1}', /must be an amount of US dollars/],
    ['budget: {limits: [{scope: tenant, limit: 1, time_zone: Mars/Olympus}]}', /IANA name of a time zone/],
    [
      'budget: {limits: [{scope: tenant, limit: 1, window: rolling-day, time_zone: Europe/Berlin}]}',
      /has no meaning for the window rolling-day/,
    ],
    [
      'budget: {limits: [{scope: model, limit: 1, degrade: [{from_percent: 5, action: cheaper_models}]}]}',
      /cannot be taken for the scope model: .* nobody knows yet which model will answer/,
    ],
    [
      'budget: {limits: [{scope: user, limit: 1, window: total, degrade: [{from_percent: 5, action: pace}]}]}',
      /cannot be pace for the window total/,
    ],
    ['budget: {organisations: {a: [x, y], b: [z, x]}}', /b\[1\] names x, which belongs to a/],
    ['budget: {limits: [{scope: tenant}]}', /budget\.limits\[0\]\.limit is missing/],
    ['budget: {limits: [{scope: user, limit: 1}, {scope: user, limit: 2}]}', /limits\[1\] states the same/],
    [
      'pricing: {unknown_model: ceiling, ceiling_usd_per_million_tokens: {input: 0}}',
      /an unknown price is never free/,
    ],
    ['pricing: {unknown_model: reject}', /must be one of refuse, ceiling/],
    ['routing: {aliases: {a: b, b: a}}', /routing\.aliases\.a leads back to itself/],
    [
      'routing: {routes: {r: {strategy: weighted, targets: [{model: m, weight: 0}]}}}',
      /must have a weight above 0/,
    ],
    ['routing: {routes: {r: {}}}', /must name models, as the strategy is ordered/],
    [
      'routing: {routes: {r: {targets: [{modle: m}]}}}',
      /targets\[0\]\.modle is not a setting; did you mean model/,
    ],
    ['resilience: {first_token_ms: 700000}', /must not be above total_ms/],
    ['resilience: {retry_base_ms: 9000}', /must not be above retry_max_ms/],
    ['resilience: {breaker: {failure_rate: 0}}', /must be more than 0/],
    ['providers: {mine: {dialect: openai-chat}}', /needs both/],
    ['providers: {openai: {base_url: "ftp://x"}}', /must be an address like/],
    ['providers: {openai: {base_url: "https://u:p@x"}}', /must be an address like/],
    ['providers: {openai: {headers: {Authorization: x}}}', /Signalbox writes it itself/],
    ['providers: {openai: {headers: {x-a: "a\\r\\nb"}}}', /must be one line of text/],
    ['server: {trusted_peers: [10.0.0.300]}', /must be an IP address or a range/],
    ['server: {allowed_origins: ["https://a.example/"]}', /must be an origin/],
    ['server: {body_bytes_max: 1.5}', /must be a whole number/],
    ['key_vault: {provider: file}', /needs a folder or a file of secrets/],
    ['access: {require_key: perhaps}', /must be true or false or auto/],
  ]
  for (const [yaml, sentence] of wrong) {
    it(`${yaml} is refused`, () => assert.match(refusal({ yaml }).message, sentence))
  }
})
