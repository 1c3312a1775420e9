/** A balancer as they stand before fleets: asks /readyz, keeps its connections, sends each request once and never again. */
import { Agent, createServer, request as askFor } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestBalancer {
  readonly address: string
  /** Takes an instance among those that are looked at. */
  add(address: string): void
  /** Forgets an instance that has ended. */
  remove(address: string): void
  readyCount(): number
  /** What went wrong between it and the instances, whatever the caller was told. */
  readonly troubles: readonly string[]
  close(): Promise<void>
}

interface Instance {
  readonly address: string
  isReady: boolean
}

const lookEveryMs = 100
/** Everybody may come at once: whoever finds the queue full would only try again after a second. */
const backlog = 4096

export async function startBalancer(): Promise<TestBalancer> {
  const instances = new Map<string, Instance>()
  const agent = new Agent({ keepAlive: true })
  const troubles: string[] = []
  let turn = 0
  const next = () => {
    const ready = [...instances.values()].filter(({ isReady }) => isReady)
    return ready[turn++ % Math.max(1, ready.length)]
  }
  const server = createServer((request, response) => {
    const instance = next()
    const tell = (trouble: string) => void troubles.push(`${instance?.address}: ${trouble}`)
    if (instance) passOn({ request, response, address: instance.address, agent, tell })
    else response.writeHead(502).end('nobody is ready')
  })
  // Only callers end their connections: what one of them is about to send on an idle one is never lost here.
  server.keepAliveTimeout = 0
  const looking = setInterval(() => {
    for (const instance of instances.values()) void look(instance)
  }, lookEveryMs)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', backlog, resolve)
  })
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (address) => void instances.set(address, { address, isReady: false }),
    remove: (address) => void instances.delete(address),
    readyCount: () => [...instances.values()].filter(({ isReady }) => isReady).length,
    troubles,
    async close() {
      clearInterval(looking)
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

async function look(instance: Instance): Promise<void> {
  try {
    const response = await fetch(`${instance.address}/readyz`)
    await response.arrayBuffer()
    instance.isReady = response.status === 200
  } catch {
    instance.isReady = false
  }
}

interface Passing {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly address: string
  readonly agent: Agent
  readonly tell: (trouble: string) => void
}

/** What breaks on either side breaks on the other. */
function passOn({ request, response, address, agent, tell }: Passing): void {
  const { method = 'GET', url = '/', headers } = request
  const upstream = askFor(address + url, { method, headers, agent }, (reply) => {
    const shown = { ...reply.headers }
    delete shown.connection
    response.writeHead(reply.statusCode ?? 502, shown)
    reply.pipe(response)
    reply.once('error', (failure) => {
      tell(`broke off its answer: ${failure.message}`)
      response.destroy()
    })
  })
  upstream.once('error', (failure) => {
    tell(failure.message)
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end(`the instance failed: ${failure.message}`)
  })
  response.once('close', () => {
    if (response.writableFinished) return
    tell(`its caller left, ${response.headersSent ? 'within' : 'before'} the answer`)
    upstream.destroy()
  })
  request.pipe(upstream)
}
