/** What every directory of keys must do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import type { Directory, KeyRecord } from '#services/access-control/directory.ts'

export interface OpenDirectory {
  readonly directory: Directory
  readonly close: () => void | Promise<void>
}

const keyOf = (keyId: string, more: Partial<KeyRecord> = {}): KeyRecord => ({
  keyId,
  digest: `digest of ${keyId}`,
  name: 'a key with "quotes" and ümlauts',
  tenantId: 'acme',
  userId: undefined,
  teamId: undefined,
  projectId: undefined,
  role: 'user',
  permissions: ['public', 'inference'],
  allowedModels: undefined,
  limits: undefined,
  createdAtMs: 1_000,
  createdBy: 'operator',
  expiresAtMs: undefined,
  revokedAtMs: undefined,
  ...more,
})

export function directoryContract(store: string, open: () => OpenDirectory | Promise<OpenDirectory>): void {
  const directoryTest = (name: string, body: (directory: Directory) => Promise<void>) => {
    test(`${store} directory: ${name}`, async () => {
      const { directory, close } = await open()
      try {
        await body(directory)
      } finally {
        await close()
      }
    })
  }

  directoryTest('a key is found as it was added', async (directory) => {
    const full = keyOf('k2', {
      userId: 'ann',
      teamId: 'red',
      projectId: 'moon',
      role: 'tenant_admin',
      permissions: ['public', 'analytics', 'admin'],
      allowedModels: ['gpt-*'],
      limits: { requestsPerMinute: 5, tokensPerMinute: undefined, concurrentRequests: 2 },
      expiresAtMs: 9_000,
    })
    await directory.addKey(keyOf('k1'))
    await directory.addKey(full)
    assert.deepEqual(await directory.findKey('k1'), keyOf('k1'))
    assert.deepEqual(await directory.findKey('k2'), full)
    assert.equal(await directory.findKey('k3'), undefined)
  })

  directoryTest('an id is taken once', async (directory) => {
    await directory.addKey(keyOf('k1'))
    await assert.rejects(
      async () => directory.addKey(keyOf('k1', { tenantId: 'other' })),
      (thrown) => thrown instanceof Problem && thrown.code === 'already_exists',
    )
    assert.equal((await directory.findKey('k1'))?.tenantId, 'acme')
  })

  directoryTest('a key is revoked once and for good', async (directory) => {
    await directory.addKey(keyOf('k1'))
    assert.equal((await directory.revokeKey('k1', 5_000))?.revokedAtMs, 5_000)
    assert.equal((await directory.revokeKey('k1', 6_000))?.revokedAtMs, 5_000)
    assert.equal((await directory.findKey('k1'))?.revokedAtMs, 5_000)
    assert.equal(await directory.revokeKey('k9', 5_000), undefined)
  })

  directoryTest('keys are listed page by page, and a tenant sees its own only', async (directory) => {
    for (const keyId of ['c', 'a', 'e', 'b', 'd']) {
      await directory.addKey(keyOf(keyId, { tenantId: keyId === 'b' ? 'other' : 'acme' }))
    }
    const ids = async (tenantId: string | undefined, after: string | undefined, limit: number) =>
      (await directory.listKeys({ tenantId, after, limit })).map(({ keyId }) => keyId)
    assert.deepEqual(await ids(undefined, undefined, 3), ['a', 'b', 'c'])
    assert.deepEqual(await ids(undefined, 'c', 3), ['d', 'e'])
    assert.deepEqual(await ids('acme', undefined, 10), ['a', 'c', 'd', 'e'])
    assert.deepEqual(await ids("' OR 1=1 --", undefined, 10), [])
  })
}
