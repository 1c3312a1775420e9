/** Closing the door: nobody new comes in, begun requests go on, those that take too long are told so, and then cut. */
import type { Server } from 'node:http'
import { Problem } from '#core/domain/problem.ts'
import type { Connections } from '#http/connections.ts'
import type { DoorState } from '#http/door-state.ts'

export interface Closing {
  readonly server: Server
  readonly connections: Connections
  readonly state: DoorState
  /** How long a connection that carries no answer is kept for a request that may be on its way. */
  readonly quietMs: number
  /** Stops listening; resolves when every connection is gone. */
  readonly stopListening: () => Promise<void>
  /** How long begun requests may go on. */
  readonly timeoutMs: number
  /** Aborted when there is no more time at all. */
  readonly hurry: AbortSignal | undefined
}

/** How long callers have to take the last words of an answer that was ended. */
const lastWordsMs = 1_000
const settlingLookMs = 10
const settlingLooksMax = 200

/** Resolves when nothing is being answered any more. */
export async function closeGently(closing: Closing): Promise<void> {
  const { server, connections, state, quietMs, timeoutMs, hurry } = closing
  const timers: NodeJS.Timeout[] = []
  const end = () => {
    endRequests(state)
    connections.letGo(0)
    timers.push(setTimeout(() => server.closeAllConnections(), lastWordsMs))
  }
  timers.push(setTimeout(end, timeoutMs))
  connections.letGo(quietMs)
  if (hurry?.aborted) end()
  else hurry?.addEventListener('abort', end, { once: true })
  try {
    await closing.stopListening()
    await untilNothingRuns(state)
  } finally {
    hurry?.removeEventListener('abort', end)
    for (const timer of timers) clearTimeout(timer)
  }
}

/** Each is settled with what has passed, and its caller is told in the form of its own API. */
function endRequests(state: DoorState): void {
  state.isClosed = true
  state.attended.each((leaving) => leaving.abort(new Problem('draining')))
}

/** Requests that were cut are settled shortly after their connections, and their stores must still be open then. */
async function untilNothingRuns(state: DoorState): Promise<void> {
  for (let look = 0; state.attended.size > 0 && look < settlingLooksMax; look++) {
    await new Promise((resolve) => {
      setTimeout(resolve, settlingLookMs)
    })
  }
}
