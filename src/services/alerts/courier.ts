/** The courier: brings one letter to one destination, and tries again while that may help. */
import type { AlertDestination } from '#core/domain/alert-destination.ts'
import type { Chance, Clock } from '#core/domain/clock.ts'
import { createPoster } from '#services/alerts/http-post.ts'
import type { Letter } from '#services/alerts/letter.ts'
import { sendMail } from '#services/alerts/mail-sender.ts'
import { attemptMs, failed } from '#services/alerts/sender.ts'
import type { SendOutcome } from '#services/alerts/sender.ts'
import { sendSlack, sendWebhook } from '#services/alerts/webhook-sender.ts'

export interface CourierPorts {
  readonly clock: Clock
  readonly chance: Chance
  /** The secret of this name; undefined when no source has it. */
  readonly secret: (name: string) => Promise<string | undefined>
  readonly isLoopback: (host: string) => boolean
  /** Waits; rejects as soon as the signal is aborted. */
  readonly pause: (durationMs: number, signal: AbortSignal) => Promise<void>
  /** Certificates of mail servers that are trusted beside those of the system. */
  readonly trustedCertificates?: readonly string[] | undefined
  /** One attempt has this long; usually ten seconds. */
  readonly attemptMs?: number | undefined
}

export interface Courier {
  /** One attempt. Never rejects. */
  send(destination: AlertDestination, letter: Letter, signal: AbortSignal): Promise<SendOutcome>
  /** Up to three attempts, with pauses that grow. Never rejects. */
  deliver(destination: AlertDestination, letter: Letter, signal: AbortSignal): Promise<SendOutcome>
  close(): Promise<void>
}

const attemptsMax = 3
const pauseBaseMs = 500

export function createCourier(ports: CourierPorts): Courier {
  const { chance, pause } = ports
  const deadlineMs = ports.attemptMs ?? attemptMs
  const poster = createPoster(deadlineMs)
  const webhookPorts = { ...ports, poster }

  const sendOnce = (destination: AlertDestination, letter: Letter, signal: AbortSignal) => {
    switch (destination.kind) {
      case 'webhook':
        return sendWebhook(webhookPorts, destination, letter.body, signal)
      case 'slack':
        return sendSlack(webhookPorts, destination, letter.words, signal)
      case 'email':
        return sendMail({ ...ports, deadlineMs }, destination, letter, signal)
    }
  }
  const send: Courier['send'] = async (destination, letter, signal) => {
    try {
      return await sendOnce(destination, letter, signal)
    } catch {
      return failed('it could not be sent')
    }
  }
  return {
    send,
    async deliver(destination, letter, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await send(destination, letter, signal)
        if (outcome.isSent || outcome.isLasting || attempt === attemptsMax) return outcome
        const pauseMs = pauseBaseMs * 2 ** (attempt - 1) * (0.5 + chance.fraction() / 2)
        const isOver = await pause(pauseMs, signal).then(
          () => false,
          () => true,
        )
        if (isOver) return outcome
      }
    },
    close: () => poster.close(),
  }
}
