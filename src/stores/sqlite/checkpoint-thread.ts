/** The thread that moves what was written from the database's log into its file. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const { file } = workerData as { readonly file: string }

/** Keeps nobody waiting: what is being read or written at this moment is left for the next time. */
function checkpoint(): void {
  // Open only meanwhile, so that whoever closes the database is the last to do so.
  const connection = new DatabaseSync(file)
  try {
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } finally {
    connection.close()
  }
}

parentPort?.on('message', () => {
  try {
    checkpoint()
  } finally {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
    parentPort?.postMessage('done')
  }
})
