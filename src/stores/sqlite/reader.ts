/** Questions to the embedded database that may take long: asked of a thread of their own, one after the other. */
import type { SQLInputValue } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { ReadRow } from '#stores/sql/usage-columns.ts'
import { unavailable } from '#stores/sqlite/database.ts'
import type { EmbeddedDatabase } from '#stores/sqlite/database.ts'

export interface Reader {
  /** Throws `store_unavailable` when the answer fails or takes too long. */
  readonly ask: (sql: string, parameters: readonly SQLInputValue[]) => Promise<readonly ReadRow[]>
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly resolve: (rows: readonly ReadRow[]) => void
  readonly reject: (failure: Error) => void
  readonly timer: NodeJS.Timeout
}

interface Reply {
  readonly id: number
  readonly rows?: readonly ReadRow[]
  readonly failure?: string
}

/** SQLite cannot be interrupted from outside: a question that takes longer ends together with its thread. */
const answerMs = 20_000

export function createReader(database: EmbeddedDatabase): Reader {
  const { file, connection } = database
  // A database in memory belongs to its connection: no other thread can see it.
  if (file === ':memory:') {
    return {
      ask: async (sql, parameters) => connection.prepare(sql).all(...parameters),
      close: async () => undefined,
    }
  }
  const waiting = new Map<number, Waiting>()
  let thread: Worker | undefined
  let asked = 0

  const failAll = (reason: unknown) => {
    thread = undefined
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(unavailable(`Reading ${file} failed`, reason))
    }
    waiting.clear()
  }
  const start = (): Worker => {
    const started = startThread(file, (reply) => {
      const asker = waiting.get(reply.id)
      if (!asker) return
      waiting.delete(reply.id)
      clearTimeout(asker.timer)
      if (reply.rows) asker.resolve(reply.rows)
      else asker.reject(unavailable(`Reading ${file} failed`, reply.failure))
    })
    started.once('error', failAll)
    started.once('exit', () => {
      if (thread === started) failAll('the reading thread ended')
    })
    return started
  }

  return {
    ask: (sql, parameters) =>
      new Promise((resolve, reject) => {
        thread ??= start()
        const asker = thread
        asked += 1
        const timer = setTimeout(() => {
          failAll('the answer took too long')
          void asker.terminate()
        }, answerMs)
        waiting.set(asked, { resolve, reject, timer })
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origins
        asker.postMessage({ id: asked, sql, parameters })
      }),
    async close() {
      const ending = thread
      failAll('the database is being closed')
      await ending?.terminate()
    },
  }
}

function startThread(file: string, onReply: (reply: Reply) => void): Worker {
  // Beside this file and of its kind, whether it runs as TypeScript or compiled.
  const name = import.meta.filename.endsWith('.ts') ? 'reader-thread.ts' : 'reader-thread.js'
  const thread = new Worker(new URL(name, import.meta.url), { workerData: { file } })
  thread.on('message', onReply)
  // A question that nobody waits for any more must not keep the process alive.
  thread.unref()
  return thread
}
