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
  ports: WebhookPorts,
  destination: WebhookDestination,
  body: string,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { poster, clock, secret } = ports
  const address = await addressOf(ports, destination)
  if ('failure' in address) return failed(address.failure, true)
  const key = await secret(destination.secretName)
  if (key === undefined) return failed(notSet(destination.secretName), true)
  const headers = { [signatureHeader]: signatureOf(body, key, clock.nowMs()) }
  return poster.post({ url: address.url, body, headers }, signal)
}

export async function sendSlack(
  ports: WebhookPorts,
  destination: SlackDestination,
  words: AlertWords,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const address = await addressOf(ports, destination)
  if ('failure' in address) return failed(address.failure, true)
  const text = [`*${escaped(words.title)}*`, ...words.sentences.map(escaped)].join('\n')
  return ports.poster.post({ url: address.url, body: JSON.stringify({ text }), headers: {} }, signal)
}

type Address = { readonly url: string } | { readonly failure: string }

/** What the settings state was checked with them; what a secret holds is checked here. */
async function addressOf(
  { secret, isLoopback }: WebhookPorts,
  { url, urlSecretName = '', allowsUnencrypted }: WebhookDestination | SlackDestination,
): Promise<Address> {
  if (url !== undefined) return { url }
  const kept = await secret(urlSecretName)
  if (kept === undefined) return { failure: notSet(urlSecretName) }
  const address = URL.canParse(kept) ? new URL(kept) : undefined
  const isPlain = address?.protocol === 'http:' && (allowsUnencrypted || isLoopback(address.hostname))
  if (address?.protocol === 'https:' || isPlain) return { url: kept }
  return { failure: `the secret ${urlSecretName} is no https address` }
}

const notSet = (name: string) => `the secret ${name} is not set`

/** Slack's own three: without them a user's name could call everybody in the channel. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
