/** Settings of alerts: what is accepted, and how wrong ones are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadGiven, refusalOf } from '#tests/support/given-config.ts'

const settings = (destination: string) => `alerts: {destinations: [${destination}]}`
const hook = 'name: a, kind: webhook, secret: S'
const mail = 'name: a, kind: email, host: smtp.example.com, from: a@example.com, to: [b@example.com]'

test('without settings budgets are watched at the usual thresholds, and nobody is told', () => {
  const { alerts } = loadGiven()
  assert.deepEqual(alerts, {
    isEnabled: true,
    checkEveryMs: 5_000,
    rules: {
      thresholds: [0.5, 0.8, 1],
      forecast: { isEnabled: true, daysAhead: 7, windows: ['week', 'month', 'total'] },
    },
    destinations: [],
  })
})

test('each kind of destination is read with its usual port and security', () => {
  const yaml = settings(
    `{${hook}, url: "https://a.example.com/x"}, {name: s, kind: slack, url_secret: HOOK, tenants: [acme]}, {${mail.replace('name: a', 'name: m')}, user: u, password_secret: P}`,
  )
  const { destinations } = loadGiven({ yaml }).alerts
  assert.deepEqual(
    destinations.map(({ kind, name }) => [kind, name]),
    [
      ['webhook', 'a'],
      ['slack', 's'],
      ['email', 'm'],
    ],
  )
  const [, , mailbox] = destinations
  assert.ok(mailbox?.kind === 'email')
  assert.deepEqual([mailbox.port, mailbox.security, mailbox.to], [587, 'starttls', ['b@example.com']])
})

test('what does not fit is refused with its path and reason', () => {
  const cases: ReadonlyArray<readonly [destination: string, path: string, reason: RegExp]> = [
    [`{${hook}}`, 'url', /must be stated, or url_secret/],
    [`{${hook}, url: "https://x.example", url_secret: U}`, 'url', /not both/],
    ['{name: a, kind: webhook, url: "https://x.example"}', 'secret', /is missing: the kind webhook needs it/],
    [`{${hook}, url: "http://x.example/"}`, 'url', /must begin with https/],
    [`{${hook}, url: "https://x.example", host: h}`, 'host', /has no meaning for the kind webhook/],
    ['{name: a, kind: slack, url: "https://hooks.slack.com/services/T/B/x"}', 'url', /is a secret itself/],
    ['{name: a, kind: slack, url_secret: U, secret: S}', 'secret', /has no meaning/],
    ['{name: a, kind: email, host: h, from: a@b.c}', 'to', /is missing/],
    [`{${mail}, security: none}`, 'security', /must not be none/],
    [`{${mail}, user: u}`, 'password_secret', /go together/],
    [`{${mail}, user: u, user_secret: U, password_secret: P}`, 'user', /beside user_secret/],
    [`{${mail.replace('b@example.com', 'nobody')}}`, 'to', /must be a mail address/],
    [`{${hook}, url: "https://x.example", scopes: [galaxy]}`, 'scopes', /everyone/],
    [`{${hook}, url: "https://x.example"}, {${hook}, url: "https://x.example"}`, 'name', /before it/],
    [`{${hook}, uri: "https://x.example"}`, 'uri', /url/],
  ]
  for (const [destination, path, reason] of cases) {
    const { message } = refusalOf({ yaml: settings(destination) })
    assert.match(message, new RegExp(`alerts\\.destinations\\[[01]\\]\\.${path}`), destination)
    assert.match(message, reason, destination)
  }
  for (const yaml of [
    'alerts: {thresholds: [0]}',
    'alerts: {thresholds: [11]}',
    'alerts: {check_every_ms: 1}',
  ]) {
    refusalOf({ yaml })
  }
})

test('without TLS only this machine is reached, unless the settings say otherwise', () => {
  for (const destination of [
    `{${hook}, url: "http://127.0.0.1:9/x"}`,
    `{${hook}, url: "http://x.example/", allow_unencrypted: true}`,
    `{${mail.replace('smtp.example.com', 'localhost')}, security: none}`,
    `{${mail}, security: none, allow_unencrypted: true}`,
    `{${hook}, url: "https://10.0.0.7/"}`,
  ]) {
    assert.equal(loadGiven({ yaml: settings(destination) }).alerts.destinations.length, 1, destination)
  }
})
