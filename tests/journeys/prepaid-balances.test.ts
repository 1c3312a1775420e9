/** Prepaid balances: paid into, drawn down, never below zero, and used up with a 402 until they are topped up. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const { inputTokens, outputTokens } = recording.expect.usage
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
const usd = (nano: number) => (nano / 1e9).toFixed(9)

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage({ environment: { ADMIN_API_KEY: adminKey } })
  stage.playAlways({ recording, costNanoUsd })
})
after(async () => stage.close())

type Line = Readonly<Record<string, unknown>>

async function call(method: string, path: string, body?: unknown, secret = adminKey) {
  const response = await fetch(`${stage.houses[0]?.address}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...bearer(secret) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Line & { readonly error?: Line } }
}

const topUps = '/admin/v1/balances/top-ups'

async function balanceOf(subject: string) {
  const { body } = await call('GET', '/admin/v1/balances')
  const line = (body['data'] as readonly Line[]).find((one) => one['subject'] === subject)
  assert.ok(line, subject)
  return line
}

async function ask(secret: string, mark: string) {
  const body = {
    prompt: markedPrompt(mark, 'Hello '.repeat(inputTokens)),
    model: asking.model,
    max_tokens: outputTokens,
  }
  const response = await stage.ask({ mark, path: '/v1/generate', body, headers: bearer(secret) })
  return { status: response.status, text: await response.text() }
}

test('a balance pays for what comes after its first top-up, never goes below zero, and pays again after the next', async () => {
  const { secret } = await makeKey(stage.houses[0] ?? assert.fail(), { tenant_id: 'paid' })
  assert.equal((await ask(secret, 'before')).status, 200, 'who has no balance is not held by one')

  const first = { id: 'invoice-1', scope: 'tenant', subject: 'paid', amount_usd: usd(costNanoUsd * 5) }
  const paid = await call('POST', topUps, { ...first, note: 'the first' })
  assert.equal(paid.status, 201, JSON.stringify(paid.body))
  const opened = await balanceOf('paid')
  assert.deepEqual([opened['spent_usd'], Number(opened['balance_usd'])], ['0', (costNanoUsd * 5) / 1e9])

  const calls = Array.from({ length: 40 }, (_, position) => ask(secret, `crowd-${position}`))
  const answers = await Promise.all(calls)
  const answered = answers.filter(({ status }) => status === 200).length
  assert.ok(answered > 0 && answered <= 5, `${answered} were answered`)
  const refused = answers.find(({ status }) => status === 402)
  assert.match(refused?.text ?? '', /prepaid balance of tenant:paid .* was paid in all.*Top the balance up/)
  await eventually(async () => {
    const line = await balanceOf('paid')
    assert.deepEqual(
      [Number(line['spent_usd']), line['held_usd'], line['overdrawn_usd']],
      [(costNanoUsd * answered) / 1e9, '0', '0'],
    )
    assert.ok(Number(line['balance_usd']) >= 0)
  })
  // What is left may pay for a few more, one after the other.
  let last = 200
  for (let extra = 0; last === 200; extra += 1) last = (await ask(secret, `rest-${extra}`)).status
  assert.equal(last, 402)

  assert.equal((await call('POST', topUps, { ...first, id: 'invoice-2' })).status, 201)
  assert.equal((await ask(secret, 'topped-up')).status, 200)
  const { body } = await call('GET', `${topUps}?scope=tenant&subject=paid`)
  assert.deepEqual(
    (body['data'] as readonly Line[]).map((line) => [line['id'], line['note'], line['added_by'] !== '']),
    [
      ['invoice-2', null, true],
      ['invoice-1', 'the first', true],
    ],
  )
})

test('a payment that is told again is paid in once, and its id pays nothing else', async () => {
  const payment = { id: 'once', scope: 'user', subject: 'ann', tenant_id: 'twice', amount_usd: 3 }
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', topUps, payment)))
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => b - a),
    [201, 200, 200, 200, 200, 200, 200, 200],
  )
  assert.equal((await balanceOf('ann'))['paid_in_usd'], '3')
  for (const other of [{ amount_usd: 4 }, { subject: 'bob' }, { tenant_id: 'thrice' }]) {
    assert.equal((await call('POST', topUps, { ...payment, ...other })).status, 409)
  }
  assert.equal((await balanceOf('ann'))['paid_in_usd'], '3')
})

test("a tenant's administrator shares out within the tenant, and does not pay the tenant itself", async () => {
  const wish = { tenant_id: 'sharing', permissions: ['admin', 'inference'] }
  const { secret } = await makeKey(stage.houses[0] ?? assert.fail(), wish)
  const own = { id: 'share', scope: 'team', subject: 'red', amount_usd: 1 }
  const paid = await call('POST', topUps, own, secret)
  assert.deepEqual([paid.status, paid.body['tenant_id']], [201, 'sharing'])
  for (const foreign of [
    { scope: 'tenant', subject: 'sharing' },
    { scope: 'team', subject: 'red', tenant_id: 'paid' },
  ]) {
    assert.equal((await call('POST', topUps, { ...own, id: 'foreign', ...foreign }, secret)).status, 403)
  }
  const { body } = await call('GET', '/admin/v1/balances', undefined, secret)
  assert.deepEqual(
    (body['data'] as readonly Line[]).map((line) => line['subject']),
    ['red'],
  )
  const asked = await call('GET', `${topUps}?scope=tenant&subject=paid`, undefined, secret)
  assert.equal(asked.status, 403)
})

test('what is wrong with a payment is named', async () => {
  const good = { id: 'good', scope: 'tenant', subject: 'wrong', amount_usd: 1 }
  for (const [change, param] of [
    [{ scope: 'model' }, 'scope'],
    [{ amount_usd: 0 }, 'amount_usd'],
    [{ amount_usd: -1 }, 'amount_usd'],
    [{ amount_usd: 1e15 }, 'amount_usd'],
    [{ id: '' }, 'id'],
    [{ id: 'two words' }, 'id'],
    [{ subject: undefined }, 'subject'],
    [{ tenant_id: 'x' }, 'tenant_id'],
    [{ colour: 'red' }, 'colour'],
  ] as const) {
    const { status, body } = await call('POST', topUps, { ...good, ...change })
    assert.deepEqual([status, body.error?.['param']], [400, param], JSON.stringify([change, body]))
  }
  const most = { ...good, amount_usd: '9007199' }
  assert.equal((await call('POST', topUps, most)).status, 201)
  assert.equal((await call('POST', topUps, { ...most, id: 'more' })).status, 400)
})

test('after all of this the books agree with their rows, and nothing is held', async () => {
  await eventually(async () => {
    const books = await stage.books()
    assert.ok(books.rows.some(({ kind }) => kind === 'charge'))
    assertMoney(books, { bills: stage.bills })
  })
})
