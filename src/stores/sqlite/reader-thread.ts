/** The thread that answers long questions to the embedded database, so that requests do not wait for them. */
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

interface Question {
  readonly id: number
  readonly sql: string
  readonly parameters: readonly SQLInputValue[]
}

const { file } = workerData as { readonly file: string }
const connection = new DatabaseSync(file, { readOnly: true })
connection.exec('PRAGMA busy_timeout = 2000')

const answer = (reply: object) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
  parentPort?.postMessage(reply)
}

parentPort?.on('message', ({ id, sql, parameters }: Question) => {
  try {
    answer({ id, rows: connection.prepare(sql).all(...parameters) })
  } catch (thrown) {
    answer({ id, failure: thrown instanceof Error ? thrown.message : String(thrown) })
  }
})
