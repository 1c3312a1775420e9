/** Alerts to webhooks: signed JSON, or the text that Slack and what imitates it expects. */
import type { Clock } from '#core/domain/clock.ts'
import type { SlackDestination, WebhookDestination } from '#core/domain/alert-destination.ts'
import type { AlertWords } from '#services/alerts/alert-words.ts'
import type { Poster } from '#services/alerts/http-post.ts'
import { failed } from '#services/alerts/sender.ts'
import type { SendOutcome } from '#services/alerts/sender.ts'
import { signatureHeader, signatureOf } from '#services/alerts/signature.ts'

export interface WebhookPorts {
  readonly poster: Poster
  readonly clock: Clock
  /** The secret of this name; undefined when no source has it. */
  readonly secret: (name: string) => Promise<string | undefined>
  readonly isLoopback: (host: string) => boolean
}

export async function sendWebhook(
  { poster, clock, secret }: WebhookPorts,
  { url, secretName }: WebhookDestination,
  body: string,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const key = await secret(secretName)
  if (key === undefined) return failed(`the secret ${secretName} is not set`, true)
  const headers = { [signatureHeader]: signatureOf(body, key, clock.nowMs()) }
  return poster.post({ url, body, headers }, signal)
}

export async function sendSlack(
  { poster, secret, isLoopback }: WebhookPorts,
  destination: SlackDestination,
  words: AlertWords,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { urlSecretName } = destination
  const url = destination.url ?? (urlSecretName === undefined ? undefined : await secret(urlSecretName))
  if (url === undefined) return failed(`the secret ${urlSecretName ?? ''} is not set`, true)
  if (!isAllowed(url, destination.allowsUnencrypted, isLoopback)) {
    return failed(`the secret ${urlSecretName ?? ''} is no https address`, true)
  }
  const text = [`*${escaped(words.title)}*`, ...words.sentences.map(escaped)].join('\n')
  return poster.post({ url, body: JSON.stringify({ text }), headers: {} }, signal)
}

function isAllowed(url: string, allowsUnencrypted: boolean, isLoopback: (host: string) => boolean): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && (allowsUnencrypted || isLoopback(hostname)))
}

/** Slack's own three: without them a user's name could call everybody in the channel. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
