/**
 * Moving what was written from the database's log into its file, in a thread of its own: it waits for the disk for
 * dozens of milliseconds, and no request may.
 */
import { Worker } from 'node:worker_threads'

export interface Checkpoints {
  /** To be called after each transaction. */
  readonly noteCommit: () => void
  readonly close: () => void
}

/** About as many pages of the log, 4 KiB each. */
const commitsBetween = 500

/**
 * Pages of the log at which the database's own connection does it after a commit. A log begins anew when all of it has
 * been moved and nothing was written since, which only the one who writes can bring about; most of it has been moved
 * by then. If the thread fails, this alone bounds the log.
 */
export const logPagesMax = 8_000

export function createCheckpoints(file: string): Checkpoints {
  let thread: Worker | undefined
  let commits = 0
  let isRunning = false

  const start = (): Worker => {
    // Beside this file and of its kind, whether it runs as TypeScript or compiled.
    const name = import.meta.filename.endsWith('.ts') ? 'checkpoint-thread.ts' : 'checkpoint-thread.js'
    const started = new Worker(new URL(name, import.meta.url), { workerData: { file } })
    started.on('message', () => {
      isRunning = false
      runWhenDue()
    })
    // What it could not do now it does the next time.
    started.on('error', () => undefined)
    started.once('exit', () => {
      if (thread !== started) return
      thread = undefined
      isRunning = false
    })
    started.unref()
    return started
  }

  const runWhenDue = () => {
    if (commits < commitsBetween || isRunning) return
    commits = 0
    isRunning = true
    thread ??= start()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origins
    thread.postMessage('checkpoint')
  }

  return {
    noteCommit() {
      commits += 1
      runWhenDue()
    },
    close() {
      const ending = thread
      thread = undefined
      void ending?.terminate()
    },
  }
}
