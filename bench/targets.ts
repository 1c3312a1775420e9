/** The programs that are measured: how each is started, where it is asked, and when it is ready. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requestBody } from './conversation.ts'
import {
  freePort,
  launchNode,
  temporaryDirectory,
  type Launched,
  type LaunchOrder,
  type Placement,
} from './launch.ts'
import type { Subject } from './measure.ts'
import { prepareAllDialects, prepareSignalbox, whySignalboxCannotStart } from './signalbox-target.ts'

export type TargetName = 'direct' | 'bare' | 'signalbox' | 'portkey' | 'dialects'

export type Surroundings = {
  upstreamPort: number
  placement: Placement
  /** Put before the program's own arguments, such as `--cpu-prof`. */
  nodeArguments?: readonly string[]
}

export type RunningTarget = { subject: Subject; stop: () => Promise<void> }

/** What a target needs to be launched and asked. */
export type Preparation = {
  nodeArguments: readonly string[]
  environment: Record<string, string>
  headerLines: readonly string[]
}

export type Place = { port: number; upstreamPort: number; directory: string }

export type Target = {
  name: TargetName
  label: string
  /** Why the target cannot be measured here; undefined when it can. */
  unavailable: () => string | undefined
  prepare: (place: Place) => Preparation | Promise<Preparation>
}

const path = '/v1/chat/completions'
const readyTimeoutMs = 30_000
const here = import.meta.dirname
const providerKeyLine = 'authorization: Bearer sk-bench-provider-key'
const portkeyProgram = join(here, 'peers/node_modules/@portkey-ai/gateway/build/start-server.js')

export const bare: Target = {
  name: 'bare',
  label: 'bare proxy (node:http + undici dispatch)',
  unavailable: () => undefined,
  prepare: ({ port, upstreamPort }) => ({
    nodeArguments: [join(here, 'bare-proxy.ts')],
    environment: { PORT: String(port), UPSTREAM_ORIGIN: `http://127.0.0.1:${upstreamPort}` },
    headerLines: [providerKeyLine],
  }),
}

const portkey: Target = {
  name: 'portkey',
  label: '@portkey-ai/gateway 1.15.2',
  unavailable: () =>
    existsSync(portkeyProgram) ? undefined : 'not installed: run "npm ci --prefix bench/peers"',
  prepare: ({ port, upstreamPort }) => ({
    nodeArguments: [portkeyProgram, `--port=${port}`, '--headless'],
    environment: {},
    headerLines: [
      providerKeyLine,
      'x-portkey-provider: openai',
      `x-portkey-custom-host: http://127.0.0.1:${upstreamPort}/v1`,
    ],
  }),
}

const signalbox: Target = {
  name: 'signalbox',
  label: 'Signalbox, everything on',
  unavailable: whySignalboxCannotStart,
  prepare: prepareSignalbox,
}

/** Not among the targets that are measured side by side: its doors are compared with each other. */
export const allDialects: Target = {
  name: 'dialects',
  label: 'Signalbox, every API',
  unavailable: whySignalboxCannotStart,
  prepare: prepareAllDialects,
}

const direct: Target = {
  name: 'direct',
  label: 'provider double, asked directly',
  unavailable: () => undefined,
  prepare: () => ({ nodeArguments: [], environment: {}, headerLines: [providerKeyLine] }),
}

export const targets: readonly Target[] = [direct, bare, signalbox, portkey]

async function askOnce(subject: Subject): Promise<string> {
  const headers = Object.fromEntries(
    subject.headerLines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  try {
    const reply = await fetch(`http://127.0.0.1:${subject.port}${subject.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close', ...headers },
      body: Uint8Array.from(requestBody('whole').body),
      signal: AbortSignal.timeout(5000),
    })
    const text = await reply.text()
    return reply.status === 200 ? '' : `status ${reply.status}: ${text.slice(0, 500)}`
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    return cause instanceof Error ? cause.message : String(error)
  }
}

/** Asks until a whole answer comes. Throws with the program's last words when none does in time. */
async function waitUntilReady(target: Target, subject: Subject, launched: Launched): Promise<void> {
  const givenUpAt = Date.now() + readyTimeoutMs
  let complaint = ''
  while (Date.now() < givenUpAt && !launched.hasExited()) {
    complaint = await askOnce(subject)
    if (complaint === '') return
    await sleep(100)
  }
  throw new Error(`${target.label} does not answer (${complaint}). Its last words:\n${launched.lastWords()}`)
}

/** Prepares a target; a failed preparation leaves no directory behind. */
async function prepareIn(target: Target, place: Place): Promise<Preparation> {
  try {
    return await target.prepare(place)
  } catch (error) {
    rmSync(place.directory, { recursive: true, force: true })
    throw error
  }
}

/** Starts a target and waits until it answers. The provider double itself needs no start. */
export async function startTarget(target: Target, surroundings: Surroundings): Promise<RunningTarget> {
  const { upstreamPort, placement } = surroundings
  if (target.name === 'direct') {
    const subject = { port: upstreamPort, path, headerLines: [providerKeyLine] }
    return { subject, stop: () => Promise.resolve() }
  }
  const port = await freePort()
  const directory = temporaryDirectory()
  const prepared = await prepareIn(target, { port, upstreamPort, directory })
  const order: LaunchOrder = {
    nodeArguments: [...(surroundings.nodeArguments ?? []), ...prepared.nodeArguments],
    environment: prepared.environment,
    directory,
    placement,
  }
  const launched = launchNode(order)
  const subject = { port, path, headerLines: prepared.headerLines, pid: launched.pid }
  try {
    await waitUntilReady(target, subject, launched)
  } catch (error) {
    await launched.stop()
    throw error
  }
  return { subject, stop: launched.stop }
}
