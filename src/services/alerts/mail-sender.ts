/** Alerts by e-mail: one message over SMTP, with TLS unless the settings say otherwise. */
import { createTransport } from 'nodemailer'
import type { EmailDestination } from '#core/domain/alert-destination.ts'
import type { AlertWords } from '#services/alerts/alert-words.ts'
import { failed, sent, systemCode } from '#services/alerts/sender.ts'
import type { SendOutcome } from '#services/alerts/sender.ts'

export interface MailPorts {
  readonly secret: (name: string) => Promise<string | undefined>
  /** Certificates that are trusted beside those of the system; for servers of one's own. */
  readonly trustedCertificates?: readonly string[] | undefined
  readonly deadlineMs: number
}

export interface Mail {
  /** The alert's id: every attempt carries the same Message-ID. */
  readonly id: string
  readonly words: AlertWords
}

export async function sendMail(
  ports: MailPorts,
  destination: EmailDestination,
  { id, words }: Mail,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { deadlineMs } = ports
  const login = await loginOf(ports, destination)
  if ('failure' in login) return failed(login.failure, true)
  const transport = createTransport(transportOf(ports, destination, login))
  const sending = transport.sendMail({
    messageId: `<${id}@${destination.from.split('@').at(-1) ?? 'signalbox'}>`,
    from: destination.from,
    to: [...destination.to],
    subject: words.title,
    text: `${words.sentences.join('\n')}\n`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  })
  try {
    return await Promise.race([
      sending.then(() => sent),
      endOf(AbortSignal.any([AbortSignal.timeout(deadlineMs), signal]), deadlineMs),
    ])
  } catch (thrown) {
    return failureOf(thrown)
  } finally {
    // Its own timeouts end what is still running; nobody hears of it any more.
    sending.catch(() => undefined)
    transport.close()
  }
}

function transportOf(
  { deadlineMs, trustedCertificates }: MailPorts,
  { host, port, security }: EmailDestination,
  { auth }: Login,
) {
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(auth ? { auth } : {}),
    tls: { minVersion: 'TLSv1.2' as const, ...(trustedCertificates ? { ca: [...trustedCertificates] } : {}) },
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    dnsTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

interface Login {
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

async function loginOf(
  { secret }: MailPorts,
  { user, userSecretName, passwordSecretName }: EmailDestination,
): Promise<Login | { readonly failure: string }> {
  if (passwordSecretName === undefined) return { auth: undefined }
  const name = userSecretName === undefined ? user : await secret(userSecretName)
  if (name === undefined) return { failure: `the secret ${userSecretName ?? ''} is not set` }
  const pass = await secret(passwordSecretName)
  if (pass === undefined) return { failure: `the secret ${passwordSecretName} is not set` }
  return { auth: { user: name, pass } }
}

function endOf(signal: AbortSignal, deadlineMs: number): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const end = () => resolve(failed(`no answer within ${deadlineMs} ms`))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

/** The server's own status, or what became of the connection. RFC 5321: 4xx may pass, 5xx stays. */
function failureOf(thrown: unknown): SendOutcome {
  const status: unknown =
    typeof thrown === 'object' && thrown !== null && 'responseCode' in thrown
      ? thrown.responseCode
      : undefined
  if (typeof status !== 'number') return failed(`no connection: ${systemCode(thrown)}`)
  return failed(`the mail server answered ${status}`, status >= 500)
}
