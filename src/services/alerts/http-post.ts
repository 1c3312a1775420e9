/** One JSON body posted to one address, with a deadline; no redirect is followed. */
import { Agent, request } from 'undici'
import { attemptMs, failed, sent, systemCode } from '#services/alerts/sender.ts'
import type { SendOutcome } from '#services/alerts/sender.ts'

export interface Post {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Poster {
  post(post: Post, signal: AbortSignal): Promise<SendOutcome>
  close(): Promise<void>
}

/** What is read of an answer, of which only the status counts. */
const answerBytesMax = 16_384

/** Statuses that say "later": RFC 9110 408, RFC 8470 425, RFC 6585 429. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429])

export function createPoster(deadlineMs = attemptMs): Poster {
  const agent = new Agent({ connect: { timeout: deadlineMs } })
  return {
    async post({ url, body, headers }, signal) {
      const deadline = AbortSignal.timeout(deadlineMs)
      try {
        const answer = await request(url, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', 'user-agent': 'signalbox-alerts', ...headers },
          signal: AbortSignal.any([deadline, signal]),
          // Alerts are rare: a connection kept for the next one would only break.
          reset: true,
          dispatcher: agent,
        })
        // Whatever the body does, the status has been said.
        await answer.body.dump({ limit: answerBytesMax, signal: deadline }).catch(() => undefined)
        return outcomeOf(answer.statusCode)
      } catch (thrown) {
        if (deadline.aborted) return failed(`no answer within ${deadlineMs} ms`)
        return failed(`no connection: ${systemCode(thrown)}`)
      }
    },
    close: () => agent.destroy(),
  }
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return sent
  if (status >= 300 && status < 400) return failed(`it answered ${status}; redirects are not followed`, true)
  return failed(`it answered ${status}`, status < 500 && !temporary.has(status))
}
