/** One keep-alive connection of the load generator: asks, judges the answer, notes it in the tally, asks again. */
import { connect, type Socket } from 'node:net'
import { createAnswerCheck, type AnswerCheck, type StreamEnding, type Wrong } from './answer-check.ts'
import { createAnswerReader, type AnswerEvents } from './answer-reader.ts'
import {
  bodyBytes,
  nowMicros,
  requestBody,
  requestNumberLetters,
  writeLetters,
  type Kind,
} from './conversation.ts'
import type { Samples } from './samples.ts'

export type LoadPlan = {
  port: number
  path: string
  /** Header lines beyond those that every request has, such as `authorization: Bearer ...`. */
  headerLines: readonly string[]
  kind: Kind
  connections: number
  /** Open loop at this rate; closed loop when absent. */
  requestsPerSecond?: number
  /** What is asked, and how its streams end; chat completions when absent. */
  spoken?: { request: { body: Buffer; numberOffset: number }; ending: StreamEnding }
}

/** What happened since the window was opened. All times in microseconds. */
export type Tally = {
  seconds: number
  answers: number
  events: number
  /** Wrong answers, those of the time before the window included. */
  wrong: Map<Wrong, number>
  latency: Samples
  firstEvent: Samples
  eventDelay: Samples
}

/** What all connections of a load have in common. */
export type Shared = {
  plan: LoadPlan
  tally: Tally
  nextNumber: number
  stopped: boolean
  /** A connection has nothing to do. */
  onIdle: (connection: Connection) => void
}

export type Connection = { ask: (dueMicros: number) => void; close: () => void }

const usualEnding: StreamEnding = { endMark: '[DONE]' }
const answerTimeoutMs = 10_000
const reconnectAfterMs = 50

function requestTemplate(plan: LoadPlan): { bytes: Buffer; numberOffset: number } {
  const { body, numberOffset } = plan.spoken?.request ?? requestBody(plan.kind)
  const head = [
    `POST ${plan.path} HTTP/1.1`,
    `host: 127.0.0.1:${plan.port}`,
    'content-type: application/json',
    `content-length: ${bodyBytes}`,
    ...plan.headerLines,
  ]
  const headBytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`)
  return { bytes: Buffer.concat([headBytes, body]), numberOffset: headBytes.length + numberOffset }
}

/** Connects, reads answers, and says at last why the socket closed. */
function openLine(port: number, events: AnswerEvents, onClose: (reason: Wrong) => void): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const reader = createAnswerReader(events)
  let reason: Wrong = 'connection'
  socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('timeout')))
  socket.on('data', (piece: Buffer) => {
    try {
      reader.push(piece)
    } catch (error) {
      socket.destroy(new Error('framing', { cause: error }))
    }
  })
  socket.on('error', (error) => {
    if (error.message === 'framing' || error.message === 'timeout') reason = error.message
  })
  socket.on('close', () => onClose(reason))
  return socket
}

/** Judges the events of streams and notes them in the tally of the moment. */
function createNotedCheck(shared: Shared, dueMicros: () => number): AnswerCheck {
  let sawEvent = false
  const check = createAnswerCheck(
    shared.plan.kind,
    shared.plan.spoken?.ending ?? usualEnding,
    (delayMicros) => {
      shared.tally.events++
      shared.tally.eventDelay.add(delayMicros)
      if (sawEvent) return
      sawEvent = true
      shared.tally.firstEvent.add(nowMicros() - dueMicros())
    },
  )
  return {
    ...check,
    begin(requestNumber) {
      sawEvent = false
      check.begin(requestNumber)
    },
  }
}

/** A connection that asks when told to and reports to `shared`; it connects again whenever it was closed. */
export function openConnection(shared: Shared): Connection {
  const template = requestTemplate(shared.plan)
  let socket: Socket | undefined
  let dueMicros = 0
  let state: 'idle' | 'asking' | 'closing' = 'idle'
  let closesAfter = false
  const check = createNotedCheck(shared, () => dueMicros)

  function settle(wrong: Wrong | undefined): void {
    state = closesAfter ? 'closing' : 'idle'
    if (shared.stopped) return
    if (wrong) {
      shared.tally.wrong.set(wrong, (shared.tally.wrong.get(wrong) ?? 0) + 1)
    } else {
      shared.tally.answers++
      shared.tally.latency.add(nowMicros() - dueMicros)
    }
    if (state === 'closing') socket?.destroy()
    else shared.onIdle(connection)
  }

  const lineEvents: AnswerEvents = {
    onHead(head) {
      check.status(head.status)
      closesAfter = head.closes
    },
    onBody: check.body,
    onEnd: () => settle(check.verdict()),
  }

  function goOn(reason: Wrong): void {
    if (state === 'asking') settle(reason)
    else shared.onIdle(connection)
  }

  function closed(reason: Wrong): void {
    socket = undefined
    closesAfter = false
    if (!shared.stopped && state !== 'idle') setTimeout(goOn, reconnectAfterMs, reason)
  }

  const connection: Connection = {
    ask(due) {
      state = 'asking'
      dueMicros = due
      socket ??= openLine(shared.plan.port, lineEvents, closed)
      const number = shared.nextNumber++
      check.begin(number)
      const bytes = Buffer.from(template.bytes)
      writeLetters(bytes, template.numberOffset, requestNumberLetters, number)
      socket.write(bytes)
    },
    close() {
      socket?.destroy()
    },
  }
  return connection
}
