/** Sources of secrets that fall silent. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFileSource } from '#services/key-vault/file-source.ts'
import { patientSource } from '#services/key-vault/patient-source.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'
import { Secret } from '#services/key-vault/secret.ts'

test('nobody waits longer than the time for a source that does not answer, and it is asked nothing more until it has', async () => {
  const answer = Promise.withResolvers<Secret>()
  let asked = 0
  const slow: SecretSource = {
    kind: 'slow',
    describe: () => 'a slow place',
    read: () => {
      asked += 1
      return answer.promise
    },
  }
  const source = patientSource(slow, 20)
  await assert.rejects(source.read('ONE'), /a slow place has not answered within 20 ms/)
  await assert.rejects(source.read('TWO'), /has not answered/)
  assert.equal(asked, 1)
  answer.resolve(new Secret('key'))
  await answer.promise
  assert.equal((await source.read('TWO'))?.reveal(), 'key')
  assert.equal(asked, 2)
})

test('a pipe in the place of a file of keys is refused, and nobody waits for a word out of it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-pipe-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'keys.env')
  assert.equal(spawnSync('mkfifo', ['-m', '600', path]).status, 0)
  const source = (at: string) => createFileSource({ path: at, parseYaml: () => ({}), warn: () => undefined })
  await assert.rejects(source(path).read('OPENAI_API_KEY'), /is neither a file nor a folder/)
  // In a folder it is no secret.
  assert.equal(await source(folder).read('keys.env'), undefined)
})
