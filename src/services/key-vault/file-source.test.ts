import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import { Problem } from '#core/domain/problem.ts'
import { createFileSource } from '#services/key-vault/file-source.ts'

const canary = 'sk-canary-7d1f'

const folder = await mkdtemp(join(tmpdir(), 'signalbox-vault-'))
after(() => rm(folder, { recursive: true }))

async function fileSource(name: string, text: string, mode = 0o600) {
  const path = join(folder, name)
  await writeFile(path, text)
  await chmod(path, mode)
  const warnings: string[] = []
  const source = createFileSource({
    path,
    parseYaml: (yaml) => Object.fromEntries(yaml.split('\n').map((line) => line.split(': '))) as unknown,
    warn: (sentence) => warnings.push(sentence),
  })
  return { source, warnings }
}

test('one file holds names and values as YAML, JSON or lines', async () => {
  const forms = {
    'keys.yaml': `OPENAI_API_KEY: ${canary}`,
    'keys.json': JSON.stringify({ OPENAI_API_KEY: canary }),
    'keys.env': `# keys\nexport OPENAI_API_KEY="${canary}"\nEMPTY=`,
  }
  for (const [name, text] of Object.entries(forms)) {
    const { source } = await fileSource(name, text)
    assert.equal((await source.read('OPENAI_API_KEY'))?.reveal(), canary)
    assert.equal(await source.read('toString'), undefined)
    assert.equal(await source.read('EMPTY'), undefined)
  }
})

test('a file that every user may read is refused with the command that mends it', async () => {
  const { source } = await fileSource('open.env', `A=${canary}`, 0o644)
  await assert.rejects(
    source.read('A'),
    (thrown) => thrown instanceof Problem && /chmod 600 .*open\.env/.test(thrown.mend),
  )
})

test('a file that is no object of names is refused without a word of its content', async () => {
  const { source } = await fileSource('bad.json', `["${canary}"]`)
  await assert.rejects(
    source.read('A'),
    (thrown) => thrown instanceof Problem && !inspect(thrown).includes(canary),
  )
})

test('a folder has one file for each secret, warned of once when open, and no way out of it', async () => {
  const mounted = await mkdtemp(join(folder, 'mounted-'))
  await writeFile(join(mounted, 'openai-key'), `${canary}\n`, { mode: 0o644 })
  await chmod(join(mounted, 'openai-key'), 0o644)
  await writeFile(join(folder, 'outside'), 'no')
  const warnings: string[] = []
  const source = createFileSource({
    path: mounted,
    parseYaml: () => ({}),
    warn: (told) => warnings.push(told),
  })
  assert.equal((await source.read('openai-key'))?.reveal(), canary)
  await source.read('openai-key')
  assert.equal(warnings.length, 1)
  for (const name of ['missing', '../outside', '..', '.hidden'])
    assert.equal(await source.read(name), undefined)
})
