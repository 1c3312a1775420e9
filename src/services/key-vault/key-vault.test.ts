import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderRow } from '#core/domain/target.ts'
import { createEnvironmentSource } from '#services/key-vault/environment-source.ts'
import { createKeyVault } from '#services/key-vault/key-vault.ts'
import { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'
import type { SecretEvent } from '#services/key-vault/source-reading.ts'
import { row } from '#tests/support/routing-house.ts'

const openai = row('openai')
const anthropic = row('anthropic')
const local = row('ollama', { auth: 'none', keyNames: [] })
const canary = 'sk-canary-7d1f'

/** A source whose answers a test changes; `undefined` of the whole is a source out of reach. */
function scripted(first: Record<string, string> | undefined) {
  const state = { values: first, reads: 0 }
  const source: SecretSource = {
    kind: 'scripted',
    describe: () => 'a script',
    async read(name) {
      state.reads++
      await Promise.resolve()
      if (!state.values) throw new Error('out of reach')
      const value = state.values[name]
      return value === undefined ? undefined : new Secret(value)
    },
  }
  return { state, source }
}

function house(sources: readonly SecretSource[], rows: readonly ProviderRow[] = [openai, anthropic, local]) {
  const time = { ms: 0 }
  const events: SecretEvent[] = []
  const failures: string[] = []
  const changes = { count: 0 }
  const vault = createKeyVault({
    sources,
    rows: () => rows,
    clock: { nowMs: () => 1_000_000 + time.ms, monotonicMs: () => time.ms },
    settings: () => ({ refreshMs: 60_000, retryMs: 10_000, staleMs: 600_000 }),
    audit: (event) => events.push(event),
    report: (failure, place) => failures.push(`${place}: ${String(failure)}`),
    onLiveChange: () => changes.count++,
  })
  return { vault, time, events, failures, changes }
}

const settled = () => setImmediate()

test('a secret shows itself in no printed, logged or serialised form', () => {
  const secret = new Secret(canary)
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
  ]
  for (const text of shown) {
    assert.ok(!text.includes(canary))
    assert.match(text, /\[secret\]/)
  }
  assert.equal(secret.reveal(), canary)
})

test('a key is read once for however many wait, and then answered at once', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, events } = house([source])
  const waiting = [1, 2, 3].map(async () => vault.secretFor(openai))
  assert.deepEqual(await Promise.all(waiting), [canary, canary, canary])
  assert.equal(state.reads, 1)
  assert.equal(vault.secretFor(openai), canary)
  assert.deepEqual(events, [{ kind: 'found', name: 'OPENAI_API_KEY', source: 'scripted', atMs: 1_000_000 }])
})

test('a provider without a key of its own needs none', () => {
  const { vault } = house([])
  assert.equal(vault.secretFor(local), undefined)
})

test('a missing key names what to set, and is not looked for at every request', async () => {
  const { state, source } = scripted({})
  const named = row('openai', { vaultKeyName: 'team-key' })
  const { vault, time } = house([source])
  const isMissing = (thrown: unknown) =>
    thrown instanceof Problem &&
    thrown.code === 'secret_missing' &&
    thrown.mend === 'Set team-key or OPENAI_API_KEY.'
  await assert.rejects(async () => vault.secretFor(named), isMissing)
  assert.throws(() => vault.secretFor(named), isMissing)
  assert.equal(state.reads, 2)
  state.values = { OPENAI_API_KEY: canary }
  time.ms += 10_001
  assert.equal(await vault.secretFor(named), canary)
})

test("the operator's own name for a key goes before the usual one, and the first source before the next", async () => {
  const first = scripted({ 'team-key': 'own' })
  const second = scripted({ 'team-key': 'second', OPENAI_API_KEY: 'usual' })
  const { vault } = house([first.source, second.source])
  assert.equal(await vault.secretFor(row('openai', { vaultKeyName: 'team-key' })), 'own')
  assert.equal(await vault.secretFor(openai), 'usual')
})

test('a key that is due is read again behind the answer, and a changed one is used from then on', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: 'old' })
  const { vault, time, events } = house([source])
  await vault.secretFor(openai)
  state.values = { OPENAI_API_KEY: 'new' }
  assert.equal(vault.secretFor(openai), 'old')
  assert.equal(state.reads, 1)
  time.ms = 60_000
  assert.equal(vault.secretFor(openai), 'old')
  await settled()
  assert.equal(vault.secretFor(openai), 'new')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['found', 'rotated'],
  )
})

test('a source out of reach leaves the last good key in use for a while, and no longer', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, time, events, failures } = house([source])
  await vault.secretFor(openai)
  state.values = undefined
  time.ms = 60_000
  assert.equal(vault.secretFor(openai), canary)
  await settled()
  assert.equal(failures.length, 1)
  time.ms = 600_000
  assert.equal(vault.secretFor(openai), canary)
  await settled()
  time.ms = 660_001
  await assert.rejects(
    async () => vault.secretFor(openai),
    (thrown) => thrown instanceof Problem && thrown.code === 'secret_missing',
  )
  assert.equal(events.at(-1)?.kind, 'given_up')
})

test('what could not be read is read again by itself, told once, told when overdue, and who is live is told', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, time, events, failures, changes } = house([source], [openai])
  const tendAt = async (ms: number) => {
    time.ms = ms
    await vault.tend()
  }
  const kinds = () => events.map(({ kind }) => kind)
  await vault.refresh()
  state.values = undefined
  time.ms = 60_000
  await vault.refresh()
  const reads = state.reads
  await tendAt(69_000)
  assert.equal(state.reads, reads)
  await tendAt(70_000)
  assert.equal(state.reads, reads + 1)
  assert.deepEqual(vault.standing().unread, [
    { name: 'OPENAI_API_KEY', goodForMs: 590_000, isOverdue: false },
  ])
  await tendAt(360_000)
  await tendAt(370_000)
  assert.deepEqual(kinds(), ['found', 'unreadable', 'overdue'])
  assert.equal(vault.standing().unread[0]?.isOverdue, true)
  assert.equal(changes.count, 1)
  await tendAt(660_001)
  assert.deepEqual(kinds().slice(3), ['given_up'])
  assert.equal(changes.count, 2)
  assert.equal(failures.length, 1)
  assert.deepEqual([...vault.liveProviders()], [])
  state.values = { OPENAI_API_KEY: canary }
  await tendAt(670_001)
  assert.deepEqual(kinds().slice(4), ['readable', 'found'])
  assert.equal(changes.count, 3)
  assert.deepEqual(vault.standing().unread, [])
})

test('a secret that nobody names any more is not asked for again', async () => {
  const { state, source } = scripted(undefined)
  const rows = [openai, anthropic]
  const { vault, time, failures } = house([source], rows)
  await vault.refresh()
  assert.equal(vault.standing().unread.length, 2)
  assert.equal(failures.length, 1, 'what is the same for all is told once')
  rows.pop()
  await vault.refresh()
  assert.deepEqual(
    vault.standing().unread.map(({ name }) => name),
    ['OPENAI_API_KEY'],
  )
  const { reads } = state
  time.ms = 10_000
  await vault.tend()
  assert.equal(state.reads, reads + 1)
})

test('sources are tended and closed with the vault', async () => {
  const calls: string[] = []
  const { source } = scripted({})
  const { vault } = house([
    { ...source, tend: () => calls.push('tend'), close: async () => void calls.push('close') },
    source,
  ])
  await vault.tend()
  await vault.close()
  assert.deepEqual(calls, ['tend', 'close'])
})

test('a key that was taken away is not used any more', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, changes, events } = house([source])
  await vault.refresh()
  state.values = {}
  await vault.refresh()
  assert.throws(() => vault.secretFor(openai))
  assert.equal(changes.count, 2)
  assert.ok(events.some(({ kind }) => kind === 'removed'))
})

test('live is who has a key or needs none, and a refresh tells when that has changed', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, changes } = house([source])
  assert.deepEqual([...vault.liveProviders()], ['ollama'])
  await vault.refresh()
  assert.deepEqual([...vault.liveProviders()], ['openai', 'ollama'])
  await vault.refresh()
  assert.equal(changes.count, 1)
  state.values = { OPENAI_API_KEY: canary, ANTHROPIC_API_KEY: canary }
  await vault.refresh()
  assert.equal(vault.secretFor(anthropic), canary)
  assert.equal(changes.count, 2)
})

test('a listener that fails is reported, and harms neither the refresh nor the reader of a key', async () => {
  const { state, source } = scripted({ OPENAI_API_KEY: canary })
  const reported: string[] = []
  const time = { ms: 0 }
  const vault = createKeyVault({
    sources: [source],
    rows: () => [openai],
    clock: { nowMs: () => 0, monotonicMs: () => time.ms },
    settings: () => ({ refreshMs: 60_000, retryMs: 10_000, staleMs: 0 }),
    audit: () => undefined,
    report: (failure) => reported.push(String(failure)),
    onLiveChange: () => {
      throw new Error('deaf')
    },
  })
  await vault.refresh()
  state.values = {}
  time.ms = 60_000
  assert.equal(vault.secretFor(openai), canary)
  await settled()
  assert.deepEqual(reported, ['Error: deaf', 'Error: deaf'])
})

test('no event and no report ever holds a value', async () => {
  const broken: SecretSource = {
    kind: 'broken',
    describe: () => 'b',
    read: () => Promise.reject(new Error('no')),
  }
  const { source } = scripted({ OPENAI_API_KEY: canary })
  const { vault, events, failures } = house([broken, source])
  await vault.refresh()
  assert.equal(vault.secretFor(openai), canary)
  assert.ok(!JSON.stringify([events, failures]).includes(canary))
})

test('the environment gives what its reader gives, trimmed, and its refusals', async () => {
  const values: Record<string, string> = { OPENAI_API_KEY: ` ${canary}\n`, EMPTY: ' ' }
  const source = createEnvironmentSource((name) => {
    if (name === 'BROKEN') throw new Problem('secret_missing')
    return values[name]
  })
  assert.equal((await source.read('OPENAI_API_KEY'))?.reveal(), canary)
  assert.equal(await source.read('EMPTY'), undefined)
  assert.equal(await source.read('OTHER'), undefined)
  await assert.rejects(source.read('BROKEN'))
})
