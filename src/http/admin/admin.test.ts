/** /admin/v1: keys and usage over real sockets. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, openFakeDoor } from '#tests/support/fake-door.ts'
import type { FakeDoor } from '#tests/support/fake-door.ts'

let fake: FakeDoor
before(async () => {
  fake = await openFakeDoor()
})
after(() => fake.close())

const headers = { authorization: `Bearer ${adminKey}` }
type Answer = Record<string, unknown> & { readonly error?: Record<string, unknown> }
const bodyOf = async (response: Response) => (await response.json()) as Answer

test('a new key is shown with its secret, and not listed with it', async () => {
  const made = await fake.post(
    '/admin/v1/keys',
    {
      name: 'ci',
      permissions: ['inference'],
      expires_at: '2030-01-01T00:00:00Z',
      limits: { requests_per_minute: 5 },
    },
    headers,
  )
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('cache-control'), 'no-store')
  const key = await bodyOf(made)
  assert.equal(key['secret'], 'sbx_new_secret')
  assert.equal(key['name'], 'ci')
  assert.equal(key['expires_at'], Date.parse('2030-01-01T00:00:00Z') / 1_000)
  const listed = await (await fake.get('/admin/v1/keys', headers)).text()
  assert.match(listed, /"id":"key-1"/)
  assert.doesNotMatch(listed, /secret/)
})

test('a key is revoked by its id, and an unknown id is not found', async () => {
  const revoke = (id: string) => fetch(`${fake.url}/admin/v1/keys/${id}`, { method: 'DELETE', headers })
  const revoked = await bodyOf(await revoke('key-1'))
  assert.equal(revoked['revoked_at'], 1_800_000_000)
  const missing = await revoke('key-2')
  assert.equal(missing.status, 404)
  assert.equal((await bodyOf(missing)).error?.['code'], 'not_found')
})

test('wrong keys are refused by field', async () => {
  const cases = [
    [{}, 'missing_field', 'name'],
    [{ name: '' }, 'invalid_value', 'name'],
    [{ name: 'a', role: 'operator' }, 'unknown_field', 'role'],
    [{ name: 'a', permissions: ['root'] }, 'invalid_value', 'permissions[0]'],
    [{ name: 'a', permissions: [] }, 'invalid_value', 'permissions'],
    [{ name: 'a', expires_at: 5 }, 'invalid_value', 'expires_at'],
    [{ name: 'a', expires_at: 'tomorrow' }, 'invalid_value', 'expires_at'],
    [{ name: 'a', limits: { rpm: 5 } }, 'unknown_field', 'limits.rpm'],
    [{ name: 'a', limits: { requests_per_minute: 0 } }, 'invalid_value', 'limits.requests_per_minute'],
  ] as const
  for (const [body, code, param] of cases) {
    const response = await fake.post('/admin/v1/keys', body, headers)
    assert.equal(response.status, 400)
    const { error } = await bodyOf(response)
    assert.deepEqual([error?.['code'], error?.['param']], [code, param])
  }
})

test('usage is summed over a period, the last 30 days when none is named', async () => {
  const named = await bodyOf(
    await fake.get('/admin/v1/usage?from=2026-01-01&to=2026-02-01T00:00:00Z', headers),
  )
  assert.equal(named['from'], Date.parse('2026-01-01') / 1_000)
  assert.equal(named['to'], Date.parse('2026-02-01') / 1_000)
  assert.equal(named['cost'], 2)
  assert.equal(named['failures'], 1)
  const usual = await bodyOf(await fake.get('/admin/v1/usage', headers))
  assert.equal(Number(usual['to']) - Number(usual['from']), 30 * 86_400)
  for (const query of [
    'from=2026-02-01&to=2026-01-01',
    'from=yesterday',
    'period=day',
    'from=2026-01-01&from=2026-01-02',
  ]) {
    const response = await fake.get(`/admin/v1/usage?${query}`, headers)
    assert.equal(response.status, 400, query)
    await response.arrayBuffer()
  }
})
