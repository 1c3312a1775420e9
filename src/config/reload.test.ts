/** The configuration while the program runs. */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ConfigSource } from '#config/config.ts'
import { loadConfig } from '#config/load.ts'
import { keepConfig } from '#config/reload.ts'
import type { KeeperOptions, ReloadReport } from '#config/reload.ts'
import { readTextFile } from '#config/system-source.ts'
import { Problem } from '#core/domain/problem.ts'

function kept(first: string, options: Partial<KeeperOptions> = {}) {
  const disk = { text: first }
  const source: ConfigSource = { file: 'c.yaml', environment: {}, readFile: () => disk.text }
  const keeper = keepConfig({
    source,
    initial: loadConfig(source),
    report: () => assert.fail('nothing was watched'),
    watchFolder: () => () => {},
    ...options,
  })
  return { disk, keeper }
}

describe('reload', () => {
  it('swaps the whole and tells every listener', () => {
    const { disk, keeper } = kept('log: {level: info}')
    const heard: string[] = []
    keeper.subscribe((next, previous) => heard.push(`${previous.log.level} to ${next.log.level}`))
    disk.text = 'log: {level: debug}'
    assert.deepEqual(keeper.reload(), { kind: 'applied', waitingForRestart: [], problems: [] })
    assert.equal(keeper.current().log.level, 'debug')
    assert.deepEqual(heard, ['info to debug'])
  })
  it('refuses the whole for one fault, and everything stays as it was', () => {
    const { disk, keeper } = kept('log: {level: info}')
    const before = keeper.current()
    keeper.subscribe(() => assert.fail('nothing was swapped'))
    disk.text = 'log: {level: debug}\ncache: {default_ttl: never}'
    const report = keeper.reload()
    assert.ok(report.kind === 'refused')
    assert.equal(report.problem.code, 'config_invalid')
    assert.equal(keeper.current(), before)
  })
  it('lets a last check refuse', () => {
    const check = () => {
      throw new Problem('config_invalid', { detail: 'no such model' })
    }
    const { disk, keeper } = kept('{}', { check })
    disk.text = 'log: {level: debug}'
    assert.equal(keeper.reload().kind, 'refused')
    assert.equal(keeper.current().log.level, 'info')
  })
  it('does nothing for the same text', () => {
    const { keeper } = kept('{}')
    assert.deepEqual(keeper.reload(), { kind: 'unchanged' })
  })
  it('a file that is gone is refused', () => {
    const { disk, keeper } = kept('{}')
    Object.assign(disk, { text: undefined })
    assert.equal(keeper.reload().kind, 'refused')
  })
  it('one listener that throws keeps no other from hearing', () => {
    const { disk, keeper } = kept('{}')
    let isTold = false
    keeper.subscribe(() => {
      throw new Error('broken')
    })
    keeper.subscribe(() => {
      isTold = true
    })
    disk.text = 'log: {level: debug}'
    const report = keeper.reload()
    assert.ok(report.kind === 'applied')
    assert.equal(report.problems.length, 1)
    assert.ok(isTold)
  })
  it('who stopped listening hears nothing more', () => {
    const { disk, keeper } = kept('{}')
    keeper.subscribe(() => assert.fail('told after leaving'))()
    disk.text = 'log: {level: debug}'
    assert.equal(keeper.reload().kind, 'applied')
  })
})

describe('watching', () => {
  it('a file written in place and one moved into place are both seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-config-'))
    const file = join(folder, 'admin.yaml')
    writeFileSync(file, 'log: {level: info}')
    const source: ConfigSource = { file, environment: {}, readFile: readTextFile }
    let hear: (report: ReloadReport) => void = () => {}
    const heard = () =>
      new Promise<ReloadReport>((resolve) => {
        hear = resolve
      })
    const keeper = keepConfig({
      source,
      initial: loadConfig(source),
      report: (report) => hear(report),
      settleMs: 20,
    })
    // The watcher does not keep the process alive; this does, while the test waits.
    const awake = setInterval(() => {}, 1000)
    try {
      let next = heard()
      writeFileSync(file, 'log: {level: debug}')
      assert.equal((await next).kind, 'applied')
      assert.equal(keeper.current().log.level, 'debug')
      next = heard()
      writeFileSync(`${file}.new`, 'log: {level: warn}')
      renameSync(`${file}.new`, file)
      assert.equal((await next).kind, 'applied')
      assert.equal(keeper.current().log.level, 'warn')
    } finally {
      clearInterval(awake)
      keeper.close()
      rmSync(folder, { recursive: true })
    }
  })
})
