/**
 * The load generator: keep-alive connections on `node:net`, closed loop (each connection asks again at once) or
 * open loop (a constant rate; the latency counts from when the request was due). Every answer is judged.
 */
import { openConnection, type Connection, type LoadPlan, type Shared, type Tally } from './connection.ts'
import { nowMicros } from './conversation.ts'
import { createSamples } from './samples.ts'

export type Load = {
  openWindow: () => void
  /** The window so far. */
  peek: () => Tally
  closeWindow: () => Tally
  /** Closes every connection; what is under way is cut and not counted. */
  stop: () => void
}

function newTally(): Tally {
  return {
    seconds: 0,
    answers: 0,
    events: 0,
    wrong: new Map(),
    latency: createSamples(),
    firstEvent: createSamples(),
    eventDelay: createSamples(),
  }
}

/** Asks at a constant rate. It watches the clock without sleeping, so that a request leaves when it is due. */
function keepRate(shared: Shared, requestsPerSecond: number, connections: Connection[]): void {
  const idle = [...connections]
  const gapMicros = 1e6 / requestsPerSecond
  const overdue: number[] = []
  let nextDue = nowMicros()
  shared.onIdle = (connection) => {
    const due = overdue.shift()
    if (due === undefined) idle.push(connection)
    else connection.ask(due)
  }
  const watch = (): void => {
    if (shared.stopped) return
    while (nowMicros() >= nextDue) {
      const connection = idle.pop()
      if (connection) connection.ask(nextDue)
      else overdue.push(nextDue)
      nextDue += gapMicros
    }
    setImmediate(watch)
  }
  watch()
}

/** Starts the load; it runs until stopped. Paced streams start spread over one stream's length. */
export function startLoad(plan: LoadPlan): Load {
  const shared: Shared = {
    plan,
    tally: newTally(),
    nextNumber: 0,
    stopped: false,
    onIdle: (connection) => connection.ask(nowMicros()),
  }
  const connections = Array.from({ length: plan.connections }, () => openConnection(shared))
  let openedMicros = nowMicros()

  if (plan.requestsPerSecond !== undefined) keepRate(shared, plan.requestsPerSecond, connections)
  else
    connections.forEach((connection, place) => {
      const delayMs = plan.kind === 'paced' ? (place * 500) / plan.connections : 0
      setTimeout(() => !shared.stopped && connection.ask(nowMicros()), delayMs)
    })

  return {
    openWindow() {
      shared.tally = { ...newTally(), wrong: shared.tally.wrong }
      openedMicros = nowMicros()
    },
    peek: () => shared.tally,
    closeWindow() {
      const { tally } = shared
      tally.seconds = (nowMicros() - openedMicros) / 1e6
      shared.tally = newTally()
      return tally
    },
    stop() {
      shared.stopped = true
      for (const connection of connections) connection.close()
    },
  }
}
