/** A disk that is really full under a running instance: requests without a budget go on, and all is written when there is room. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'

const settings = `
access: {require_key: false}
simulation: {enabled: true}
cache: {enabled: false}
analytics: {flush_ms: 20}
load: {shedding: {enabled: false}}
budget: {limits: [{scope: user, id: ann, limit: 5}]}
`
const megabytes = 16

/** A small disk of its own, or why there can be none. */
function mountDisk(folder: string): string | undefined {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  return mounted.status === 0 ? undefined : 'a small disk can be mounted by root alone'
}

/** Writes until not one byte more fits. */
function fill(file: string): void {
  const disk = openSync(file, 'w')
  try {
    for (const size of [65_536, 4_096, 1]) while (fits(disk, Buffer.alloc(size)));
  } finally {
    closeSync(disk)
  }
}

function fits(disk: number, piece: Buffer): boolean {
  try {
    return writeSync(disk, piece) > 0
  } catch (failure) {
    assert.equal((failure as NodeJS.ErrnoException).code, 'ENOSPC')
    return false
  }
}

test('on a full disk requests without a budget are answered, those with one refused, and nothing is lost when there is room again', async (context) => {
  const place = openWorkplace(context)
  // It is ended when the service on it has ended, which the workplace sees to.
  const disk = mkdtempSync(join(tmpdir(), 'signalbox-disk-'))
  context.after(() => {
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true })
  })
  const reason = mountDisk(disk)
  if (reason !== undefined) return context.skip(reason)
  place.writeSettings(settings)
  const service = place.start({ environment: { CONFIG_FILE: place.settingsFile, DATA_DIR: disk } })
  const address = await service.address()
  let answered = 0
  const ask = async (user_id: string) => {
    const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello', max_tokens: 3, user_id })
    const { error } = (await response.json()) as { readonly error?: { readonly code: string } }
    if (response.status === 200) answered += 1
    return error?.code ?? 'answered'
  }
  assert.deepEqual([await ask('ann'), await ask('bob')], ['answered', 'answered'])
  const filler = join(disk, 'filler')
  fill(filler)
  // What the log of the database has room for inside itself is still written.
  await eventually(async () => {
    assert.equal(await ask('bob'), 'answered')
    assert.equal(await ask('ann'), 'store_unavailable')
  })
  for (let call = 0; call < 20; call++) assert.equal(await ask('bob'), 'answered')
  rmSync(filler)
  await eventually(async () => assert.equal(await ask('ann'), 'answered'))
  await eventually(() => {
    const { rows, heldNanoUsd } = readRecords(disk)
    assert.equal(rows.filter(({ kind }) => kind === 'charge').length, answered)
    assert.equal(heldNanoUsd.size, 0)
  })
  service.kill('SIGTERM')
  assert.deepEqual(await service.ending, { code: 0, signal: null }, service.stdout())
})
