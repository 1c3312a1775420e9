/**
 * A port whose connections are never made: somebody listens and accepts nobody, and the few places in the kernel's queue
 * are taken. What else asks for a connection hears nothing at all.
 */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

export interface BlackHole {
  readonly port: number
  close(): Promise<void>
}

/** More than the queue of a backlog of one has places. */
const placesTaken = 4

export async function openBlackHole(): Promise<BlackHole> {
  const lock = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL(import.meta.url), { workerData: lock })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const takers: Socket[] = []
  for (let count = 0; count < placesTaken; count += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.unref()
    takers.push(socket)
  }
  return {
    port,
    async close() {
      for (const socket of takers) socket.destroy()
      Atomics.store(lock, 0, 1)
      Atomics.notify(lock, 0)
      await worker.terminate()
    },
  }
}

/** Listens, tells its port, and is never again free to accept anybody. */
function swallow(lock: Int32Array): void {
  const server = createServer((socket) => socket.destroy())
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    const { port } = server.address() as AddressInfo
    // A worker's port has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage(port)
    Atomics.wait(lock, 0, 0)
    server.close()
  })
}

if (!isMainThread) swallow(workerData as Int32Array)
