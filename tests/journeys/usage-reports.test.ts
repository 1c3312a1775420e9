/** Reports of usage: they add up to the rows, group by whatever is asked for, and show no tenant another's. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, openStage, quietSettings, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { readRecords } from '#tests/journeys/records.ts'

const adminKey = 'operator-key-of-this-test-0123456789abcdef'
const asking = askingOf('openai-chat')

let stage: ProviderStage
let tenantAdmin = ''
before(async () => {
  const settings = `${quietSettings}budget: {organisations: {holding: [acme, shop]}}\n`
  stage = await openStage(settings, { ADMIN_API_KEY: adminKey })
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
  )
  assert.ok(recording)
  stage.play(recording)
  const acme = await makeKey(stage.house, { tenant_id: 'acme', permissions: ['inference', 'admin'] })
  const other = await makeKey(stage.house, { tenant_id: 'other' })
  tenantAdmin = acme.secret
  const ask = async (secret: string, userId: string, tags: string) => {
    const question = { prompt: 'Hello', model: asking.model, max_tokens: 50, user_id: userId }
    const headers = { authorization: `Bearer ${secret}`, ...(tags ? { 'x-signalbox-tags': tags } : {}) }
    const response = await stage.house.post('/v1/generate', question, headers)
    assert.equal(response.status, 200)
    await response.arrayBuffer()
  }
  await ask(acme.secret, 'ann', 'nightly,batch')
  await ask(acme.secret, 'ann', 'nightly')
  await ask(acme.secret, '=cmd()', '')
  await ask(other.secret, 'ann', 'nightly')
  const till = await makeKey(stage.house, { tenant_id: 'shop', user_id: 'till' })
  await ask(till.secret, 'eve', '')
  await ask(till.secret, 'till', '')
})
after(async () => stage.close())

type Line = Readonly<Record<string, string | number | null>>

async function report(query: string, secret = adminKey) {
  const response = await stage.house.get(`/admin/v1/reports/usage?${query}`, {
    authorization: `Bearer ${secret}`,
  })
  return { status: response.status, text: await response.text() }
}
const linesOf = ({ text }: { readonly text: string }) =>
  (JSON.parse(text) as { readonly lines: readonly Line[] }).lines
const pick = (lines: readonly Line[], ...columns: readonly string[]) =>
  lines.map((line) => columns.map((column) => line[column]))

test('groups add up to the rows, to the nano-dollar', async () => {
  const lines = linesOf(await report('group_by=tenant,user&period=daily'))
  assert.deepEqual(pick(lines, 'tenant', 'user', 'requests'), [
    ['acme', '=cmd()', 1],
    ['acme', 'ann', 2],
    ['other', 'ann', 1],
    ['shop', 'till', 2],
  ])
  const spent = lines.reduce((sum, line) => sum + Math.round(Number(line['cost_usd']) * 1e9), 0)
  const { rows } = readRecords(stage.house.dataDir)
  assert.ok(spent > 0)
  assert.equal(
    spent,
    rows.reduce((sum, row) => sum + row.cost_nano_usd, 0),
  )
})

test('by end user and by organisation, as JSON and as CSV', async () => {
  const lines = linesOf(await report('group_by=organisation,end_user,user'))
  assert.deepEqual(pick(lines, 'organisation', 'end_user', 'user', 'requests'), [
    [null, 'ann', 'ann', 1],
    ['holding', null, 'till', 1],
    ['holding', '=cmd()', '=cmd()', 1],
    ['holding', 'ann', 'ann', 2],
    ['holding', 'eve', 'till', 1],
  ])
  const { text } = await report('group_by=end_user&tenant_id=shop&format=csv')
  const [header = '', ...rows] = text.trimEnd().split('\r\n')
  assert.deepEqual(header.split(',').slice(0, 3), ['period_start', 'end_user', 'requests'])
  assert.deepEqual(
    rows.map((row) => row.split(',').slice(0, 3)),
    [
      ['', '', '1'],
      ['', 'eve', '1'],
    ],
  )
})

test('a request counts for each of its tags', async () => {
  const lines = linesOf(await report('group_by=tag&tenant_id=acme'))
  assert.deepEqual(pick(lines, 'tag', 'requests'), [
    [null, 1],
    ['batch', 1],
    ['nightly', 2],
  ])
})

test('as CSV it says the same, and a name is never a formula', async () => {
  const { text } = await report('group_by=user&tenant_id=acme&format=csv')
  const [header = '', ...lines] = text.trimEnd().split('\r\n')
  assert.deepEqual(header.split(',').slice(0, 3), ['period_start', 'user', 'requests'])
  assert.deepEqual(
    lines.map((line) => line.split(',').slice(0, 3)),
    [
      ['', "'=cmd()", '1'],
      ['', 'ann', '2'],
    ],
  )
  const nobody = await report('tenant_id=nobody&format=csv&group_by=model')
  assert.equal(nobody.text.trimEnd().split('\r\n').length, 1)
})

test("a tenant's administrator sees that tenant alone, whatever is asked for", async () => {
  for (const query of ['group_by=tenant', 'group_by=tenant&tenant_id=other']) {
    assert.deepEqual(pick(linesOf(await report(query, tenantAdmin)), 'tenant', 'requests'), [['acme', 3]])
  }
})

test('what is wrong with a question is named', async () => {
  for (const [query, param] of [
    ['group_by=colour', 'group_by'],
    ['group_by=user,user', 'group_by'],
    ['period=yearly', 'period'],
    ['from=2026-02-01&to=2026-01-01', 'from'],
    ['limit=0', 'limit'],
    ['format=xml', 'format'],
    ['colour=red', 'colour'],
  ] as const) {
    const { status, text } = await report(query)
    const { error } = JSON.parse(text) as { readonly error: { readonly param: string } }
    assert.deepEqual([status, error.param], [400, param], query)
  }
})

test("a provider's export is compared with the rows, for the operator alone", async () => {
  const send = async (secret: string, body: string, contentType = 'text/csv') => {
    const day = new Date().toISOString().slice(0, 10)
    const tomorrow = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    const query = `provider=openai&from=2026-01-01&to=${tomorrow}`
    const url = `${stage.house.address}/admin/v1/reports/reconciliation?${query}`
    const headers = { authorization: `Bearer ${secret}`, 'content-type': contentType }
    return fetch(url, { method: 'POST', headers, body })
  }
  const csv = 'date,model,cost_usd\n2026-01-02,gpt-from-elsewhere,1.5\n'
  assert.equal((await send(tenantAdmin, csv)).status, 403)
  assert.equal((await send(adminKey, csv, 'text/plain')).status, 415)
  assert.equal((await send(adminKey, 'no export')).status, 400)
  const response = await send(adminKey, csv)
  assert.equal(response.status, 200)
  const { differences } = (await response.json()) as { differences: ReadonlyArray<Record<string, unknown>> }
  const foreign = differences.filter(({ difference }) => difference === 'missing_here')
  assert.deepEqual(
    foreign.map(({ day, model, there }) => [day, model, there]),
    [
      [
        '2026-01-02',
        'gpt-from-elsewhere',
        { requests: null, input_tokens: null, output_tokens: null, cost_usd: '1.5' },
      ],
    ],
  )
  assert.equal(differences.filter(({ difference }) => difference === 'missing_there').length, 1)
})
