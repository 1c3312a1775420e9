/** A mail server on a free port of the loopback: with or without TLS, with one user, keeping what it receives. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | undefined
  readonly isEncrypted: boolean
  readonly text: string
}

export interface MailServer {
  readonly port: number
  readonly received: ReceivedMail[]
  close(): Promise<void>
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A key and a certificate for this machine that nobody else trusts; undefined without the openssl program. */
export function makeCertificate(): Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-certificate-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const form = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  try {
    const args = ['req', ...form, '-addext', names, '-keyout', keyFile, '-out', certFile]
    execFileSync('openssl', args, { stdio: 'ignore' })
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface MailServerWish {
  readonly certificate?: Certificate | undefined
  /** TLS from the first byte; with a certificate alone STARTTLS is offered. */
  readonly isSecure?: boolean
  readonly password?: string
}

export async function openMailServer({
  certificate,
  isSecure,
  password,
}: MailServerWish): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    ...certificate,
    secure: isSecure === true,
    authOptional: password === undefined,
    allowInsecureAuth: certificate === undefined,
    disabledCommands: certificate === undefined ? ['STARTTLS'] : [],
    onAuth({ username, password: given }, _session, callback) {
      if (given === password) callback(null, { user: username })
      else callback(new Error('wrong password'))
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user as string | undefined,
          isEncrypted: session.secure,
          text: Buffer.concat(chunks).toString('utf8'),
        })
        callback()
      })
    },
  })
  // Clients that do not trust the certificate break off.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    port,
    received,
    async close() {
      const closed = Promise.withResolvers<undefined>()
      server.close(() => closed.resolve(undefined))
      await closed.promise
    },
  }
}
