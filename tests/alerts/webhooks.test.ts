/** Alerts by webhook over real sockets: signed, tried again, never redirected, and given up for a while in the end. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually } from '#tests/journeys/eventually.ts'
import { openInstance, secretsOf, slack, town, webhook } from './alert-stage.ts'
import type { Town } from './alert-stage.ts'
import { openReceiver, withStatus } from './http-receiver.ts'
import type { Answering, Receiver } from './http-receiver.ts'
import { checked } from './signed.ts'

const secret = 'whsec-of-this-test'
const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

async function receiver(answer?: Answering): Promise<Receiver> {
  const opened = await openReceiver(answer)
  closers.push(() => opened.close())
  return opened
}

function instance(
  place: Town,
  ...more: Parameters<typeof openInstance> extends [unknown, ...infer Rest] ? Rest : never
) {
  const opened = openInstance(place, ...more)
  closers.push(() => opened.alerts.close())
  return opened
}

/** Half of the budget is spent. */
const halfSpent = () =>
  town({
    budgets: [{ counter: 'tenant:acme', tenantId: 'acme', window: 'month', spent: 0.55e9, limit: 1e9 }],
  })

test('a webhook says all that is to be known, and its signature is right', async () => {
  const { url, received } = await receiver(withStatus(204))
  const place = halfSpent()
  const { alerts } = instance(place, { destinations: [webhook('ops', `${url}/hook`)] })
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().sent, 1))
  const [request] = received
  assert.ok(request)
  const { body, atS } = checked(request, secret)
  assert.equal(request.path, '/hook')
  assert.equal(atS, place.nowMs / 1_000)
  assert.deepEqual(body, {
    type: 'budget.threshold',
    id: body.id,
    created_at: '2026-11-11T00:00:00.000Z',
    threshold: 0.5,
    budget: {
      scope: 'tenant',
      subject: 'acme',
      tenant_id: 'acme',
      window: 'month',
      window_id: '2026-11',
      limit_usd: '1',
      hard: true,
    },
    spent_usd: '0.55',
    percent: 55,
    refusing: false,
    used_up_at: '2026-11-19T04:21:49.091Z',
    resets_at: '2026-12-01T00:00:00.000Z',
  })
  assert.deepEqual(await alerts.waiting(), [])
})

test('a server that fails twice is asked a third time, with the same id and body', async () => {
  const { url, received } = await receiver((response, number) =>
    withStatus(number < 3 ? 503 : 200)(response, number),
  )
  const { alerts } = instance(halfSpent(), { destinations: [webhook('ops', url)] })
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().sent, 1))
  assert.equal(received.length, 3)
  assert.equal(new Set(received.map(({ body }) => body)).size, 1)
  assert.equal(alerts.counts().failed, 0)
})

test('what fails at all attempts waits in the book, is tried again later, and is given up with its window', async () => {
  let status = 500
  const { url, received } = await receiver((response, number) => withStatus(status)(response, number))
  const place = halfSpent()
  const { alerts, warned } = instance(place, { destinations: [webhook('ops', url)] })
  await alerts.tick()
  await eventually(async () => {
    const [line] = await alerts.waiting()
    assert.deepEqual([line?.destination, line?.failure, line?.failures], ['ops', 'it answered 500', 1])
  })
  assert.equal(received.length, 3)
  assert.match(warned.join(), /an alert was not delivered .*it answered 500/)
  await alerts.tick()
  assert.equal(received.length, 3, 'not due yet')
  place.nowMs += 60_000
  status = 200
  await alerts.tick()
  await eventually(async () => assert.deepEqual(await alerts.waiting(), []))
  assert.equal(received.length, 4)

  const other = instance(halfSpent(), { destinations: [webhook('ops', 'http://127.0.0.1:1/')] })
  await other.alerts.tick()
  await eventually(async () => assert.match((await other.alerts.waiting())[0]?.failure ?? '', /ECONNREFUSED/))
})

test('alerts that nobody took by the end of their window are counted as lost', async () => {
  const place = halfSpent()
  const { alerts, warned } = instance(place, { destinations: [webhook('ops', 'http://127.0.0.1:1/')] })
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().failed, 1))
  place.nowMs = Date.UTC(2026, 11, 1)
  assert.deepEqual(await alerts.waiting(), [])
  await alerts.prune()
  assert.match(warned.join(), /were not delivered before their window ended \{"lost":1\}/)
})

test('a redirect is not followed and a refusal not repeated', async () => {
  const elsewhere = await receiver()
  const redirecting = await receiver((response) => {
    response.writeHead(307, { location: elsewhere.url }).end()
  })
  const refusing = await receiver(withStatus(404))
  const { alerts } = instance(halfSpent(), {
    destinations: [webhook('away', redirecting.url), webhook('refusing', refusing.url)],
  })
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().failed, 2))
  assert.deepEqual(
    [elsewhere.received.length, redirecting.received.length, refusing.received.length],
    [0, 1, 1],
  )
  assert.deepEqual(
    (await alerts.waiting()).map(({ destination, failure }) => [destination, failure]),
    [
      ['away', 'it answered 307; redirects are not followed'],
      ['refusing', 'it answered 404'],
    ],
  )
})

test('a server that hangs is given up at the deadline and keeps nobody else waiting', async () => {
  const hanging = await receiver(() => undefined)
  const listening = await receiver()
  const place = halfSpent()
  const { alerts } = instance(
    place,
    { destinations: [webhook('hanging', hanging.url), webhook('listening', listening.url)] },
    { attemptMs: 300 },
  )
  await alerts.tick()
  await eventually(() => assert.equal(listening.received.length, 1))
  await eventually(async () => {
    const [line] = await alerts.waiting()
    assert.equal(line?.failure, 'no answer within 300 ms')
  })
  assert.equal(hanging.received.length, 3)
})

test('the end of the house breaks off what hangs and gives it back untried', async () => {
  const hanging = await receiver(() => undefined)
  const place = halfSpent()
  const { alerts } = openInstance(place, { destinations: [webhook('hanging', hanging.url)] })
  await alerts.tick()
  await eventually(() => assert.equal(hanging.received.length, 1))
  await alerts.close()
  const terms = { destination: 'hanging', nowMs: place.nowMs, heldUntilMs: place.nowMs + 1 }
  assert.equal((await place.book.take(terms))?.failures, 0)
})

test('Slack gets a text in which no name can call anybody, at the address that a secret holds', async () => {
  const { url, received } = await receiver()
  const place = halfSpent()
  const evil = 'acme <!channel>\n& "co"'
  place.budgets[0] = { ...place.budgets[0], tenantId: evil } as Town['budgets'][number]
  const secrets = { HOOK: `${url}/services/T0/B0/x?y=z`, PLAIN: 'http://chat.example.com/x' }
  const { alerts } = instance(
    place,
    { destinations: [slack('chat', 'HOOK'), slack('plain', 'PLAIN'), slack('none', 'NONE')] },
    { secret: secretsOf(secrets) },
  )
  await alerts.tick()
  await eventually(() => assert.deepEqual(alerts.counts(), { sent: 1, failed: 2 }))
  const [request] = received
  assert.equal(request?.path, '/services/T0/B0/x?y=z')
  const { text } = JSON.parse(request?.body ?? '{}') as { readonly text: string }
  assert.match(
    text,
    /^\*Signalbox: 55 % of the budget of tenant acme &lt;!channel&gt; &amp; "co" for the month 2026-11 is spent\*\n/,
  )
  assert.match(text, /\$0\.55 of \$1 is spent \(55 %\)/)
  assert.match(text, /used up on 2026-11-19 04:21 UTC\.\nIt begins anew on 2026-12-01 00:00 UTC\.$/)
  assert.deepEqual(
    (await alerts.waiting()).map(({ failure }) => failure),
    ['the secret NONE is not set', 'the secret PLAIN is no https address'],
  )
})

test('each destination hears of the budgets that it asked for', async () => {
  const { url, received } = await receiver()
  const place = halfSpent()
  place.budgets.push({ counter: 'tenant:other', tenantId: 'other', window: 'month', spent: 1e9, limit: 2e9 })
  const { alerts } = instance(place, {
    destinations: [
      webhook('all', `${url}/all`),
      webhook('other', `${url}/other`, { tenants: ['other'] }),
      webhook('users', `${url}/users`, { scopes: ['user'] }),
    ],
  })
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().sent, 3))
  const heard = received.map((one) => `${one.path} ${String(checked(one, secret).body.budget['subject'])}`)
  assert.deepEqual(heard.toSorted(), ['/all acme', '/all other', '/other other'])
})

test('a test alert reaches every destination once and tells what came of each', async () => {
  const good = await receiver()
  const bad = await receiver(withStatus(500))
  const { alerts } = instance(town(), {
    destinations: [webhook('good', good.url), webhook('bad', bad.url), slack('none', 'NONE')],
  })
  assert.deepEqual(await alerts.test(), [
    { destination: 'good', kind: 'webhook', failure: undefined },
    { destination: 'bad', kind: 'webhook', failure: 'it answered 500' },
    { destination: 'none', kind: 'slack', failure: 'the secret NONE is not set' },
  ])
  assert.equal(bad.received.length, 1)
  assert.equal(checked(good.received[0] ?? assert.fail(), secret).body.type, 'test')
})
