/** Alerts by e-mail, over real SMTP sockets. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { EmailDestination } from '#core/domain/alert-destination.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { openInstance, secretsOf, town } from './alert-stage.ts'
import { makeCertificate, openMailServer } from './mail-server.ts'
import type { MailServer, MailServerWish } from './mail-server.ts'

const certificate = makeCertificate()
const skip = certificate === undefined ? 'there is no openssl to make a certificate with' : false
const password = 'mail-password-of-this-test'

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

async function mailServer(wish: MailServerWish): Promise<MailServer> {
  const server = await openMailServer(wish)
  closers.push(() => server.close())
  return server
}

const mailbox = (server: MailServer, more: Partial<EmailDestination> = {}): EmailDestination => ({
  kind: 'email',
  name: 'mail',
  scopes: undefined,
  tenants: undefined,
  allowsUnencrypted: false,
  host: '127.0.0.1',
  port: server.port,
  security: 'none',
  user: undefined,
  userSecretName: undefined,
  passwordSecretName: undefined,
  from: 'signalbox@example.com',
  to: ['ops@example.com', 'cfo@example.com'],
  ...more,
})

const secrets: Readonly<Record<string, string>> = { USER: 'signalbox', PASSWORD: password, WRONG: 'wrong' }

function open(destination: EmailDestination, tenantId = 'acme') {
  const place = town({
    budgets: [{ counter: 'tenant:acme', tenantId, window: 'month', spent: 0.55e9, limit: 1e9 }],
  })
  const opened = openInstance(
    place,
    { destinations: [destination] },
    {
      secret: secretsOf(secrets),
      ...(certificate ? { trustedCertificates: [certificate.cert] } : {}),
    },
  )
  closers.push(() => opened.alerts.close())
  return opened
}

const failureOf = async ({ alerts }: ReturnType<typeof open>) => {
  await eventually(() => assert.equal(alerts.counts().failed, 1))
  return (await alerts.waiting())[0]?.failure
}

test('a mail goes to everyone named, says the numbers, and keeps its id', async () => {
  const server = await mailServer({})
  const { alerts } = open(mailbox(server))
  await alerts.tick()
  await eventually(() => assert.equal(alerts.counts().sent, 1))
  const [mail] = server.received
  assert.ok(mail)
  assert.deepEqual([mail.from, mail.to], ['signalbox@example.com', ['ops@example.com', 'cfo@example.com']])
  const unfolded = mail.text.replaceAll(/\r\n[ \t]/g, ' ')
  assert.match(
    unfolded,
    /^Subject: Signalbox: 55 % of the budget of tenant acme for the month 2026-11 is spent\r$/m,
  )
  assert.match(unfolded, /^Message-ID: <alert-\d+-000001@example\.com>\r$/m)
  assert.match(unfolded, /^Auto-Submitted: auto-generated\r$/m)
  assert.match(mail.text, /\$0\.55 of \$1 is spent/)
})

test('a name of many lines adds no header', async () => {
  const server = await mailServer({})
  const { alerts } = open(mailbox(server), 'acme\r\nBcc: everybody@example.com')
  await alerts.tick()
  await eventually(() => assert.equal(server.received.length, 1))
  const [head = ''] = server.received[0]?.text.split('\r\n\r\n') ?? []
  assert.doesNotMatch(head, /^Bcc/m)
  assert.equal(server.received[0]?.to.length, 2)
})

for (const security of ['starttls', 'tls'] as const) {
  test(`user and password of the key vault travel over ${security}`, { skip }, async () => {
    const server = await mailServer({ certificate, password, isSecure: security === 'tls' })
    const login = { userSecretName: 'USER', passwordSecretName: 'PASSWORD' }
    const { alerts } = open(mailbox(server, { security, ...login }))
    await alerts.tick()
    await eventually(() => assert.equal(alerts.counts().sent, 1))
    assert.deepEqual(
      server.received.map(({ user, isEncrypted }) => [user, isEncrypted]),
      [['signalbox', true]],
    )
  })
}

test('a certificate that nobody vouches for gets neither password nor mail', { skip }, async () => {
  const server = await mailServer({ certificate: makeCertificate(), password, isSecure: true })
  const opened = open(mailbox(server, { security: 'tls', user: 'signalbox', passwordSecretName: 'PASSWORD' }))
  await opened.alerts.tick()
  assert.match((await failureOf(opened)) ?? '', /^no connection: /)
  assert.deepEqual(server.received, [])
})

test('a server that cannot encrypt gets nothing where that is required', async () => {
  const server = await mailServer({})
  const opened = open(mailbox(server, { security: 'starttls' }))
  await opened.alerts.tick()
  assert.ok(await failureOf(opened))
  assert.deepEqual(server.received, [])
})

test('a wrong password and a missing one are told', async () => {
  const server = await mailServer({ password })
  const wrong = open(mailbox(server, { user: 'signalbox', passwordSecretName: 'WRONG' }))
  await wrong.alerts.tick()
  assert.equal(await failureOf(wrong), 'the mail server answered 535')
  const missing = open(mailbox(server, { user: 'signalbox', passwordSecretName: 'MISSING' }))
  await missing.alerts.tick()
  assert.equal(await failureOf(missing), 'the secret MISSING is not set')
})
