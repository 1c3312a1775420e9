/** A real PostgreSQL server for tests, on a free port of the loopback; undefined, with the reason, where none is installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '#tests/journeys/eventually.ts'
import { freePort, untilOpen } from './real-server.ts'

export interface RealPostgres {
  readonly url: string
  /** The address of a new, empty database on the server. */
  newDatabase(): string
  /** Ends at once, as if the power were cut. */
  crash(): Promise<void>
  /** Freezes its processes: connections stay open and nobody answers. Where there is /proc. */
  freeze(): void
  thaw(): void
  /** A second server that has all that is committed here before it counts as committed. */
  startStandby(): Promise<StandbyPostgres>
  /** Comes back with what was committed. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface StandbyPostgres {
  readonly port: number
  /** Makes it the one that can be written to. */
  promote(): void
  stop(): Promise<void>
}

const versionsFolder = '/usr/lib/postgresql'

/** The folder of the newest server's programs; undefined when none is installed. */
function programs(): string | undefined {
  if (!existsSync(versionsFolder)) return undefined
  const versions = readdirSync(versionsFolder).toSorted((a, b) => Number(b) - Number(a))
  return versions
    .map((version) => join(versionsFolder, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
}

/** What to tell instead of running a test; undefined when a server can be started. */
export function whyNoPostgres(): string | undefined {
  return programs() === undefined ? 'PostgreSQL is not installed (apt-get install postgresql-15)' : undefined
}

/** The server refuses to run as root: then it runs as the user that its package made. */
function asOwner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

/** Throws when the server does not come up. */
export async function startPostgres(): Promise<RealPostgres> {
  const folder = programs()
  if (folder === undefined) throw new Error('PostgreSQL is not installed')
  const owner = asOwner()
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(directory, owner.uid, owner.gid)
  const data = join(directory, 'data')
  const made = spawnSync(join(folder, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], {
    ...owner,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const port = await freePort()
  const options = ['-h', '127.0.0.1', '-k', directory, '-c', 'fsync=off', '-c', 'max_connections=60']
  const run = async (at = { data, port }) => {
    const words = ['-D', at.data, '-p', String(at.port), ...options]
    const server = spawn(join(folder, 'postgres'), words, {
      ...owner,
      stdio: 'ignore',
    })
    const exited = once(server, 'exit')
    await untilOpen(at.port)
    // It listens before it takes anybody in.
    await eventually(() => {
      const asked = spawnSync(join(folder, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(at.port)])
      if (asked.status !== 0) throw new Error('PostgreSQL is still starting')
    })
    return {
      pid: server.pid ?? 0,
      async end() {
        server.kill('SIGQUIT')
        await exited
      },
    }
  }
  let running = await run()
  /** The server is a family: one that listens, and one for each connection. */
  const signalAll = (signal: NodeJS.Signals) => {
    const { pid } = running
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? []
    for (const member of [pid, ...children.map(Number)]) {
      try {
        process.kill(member, signal)
      } catch (failure) {
        // One that has just ended needs no signal.
        if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure
      }
    }
  }
  const address = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  let databases = 0
  const here = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  const done = (program: string, words: readonly string[]) => {
    const ended = spawnSync(join(folder, program), words, { ...owner, encoding: 'utf8' })
    if (ended.status !== 0) throw new Error(`${program} failed: ${ended.stderr}`)
    return ended.stdout
  }
  return {
    url: address('postgres'),
    newDatabase() {
      const name = `test${(databases += 1)}`
      const created = spawnSync(
        join(folder, 'createdb'),
        ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', name],
        {
          encoding: 'utf8',
        },
      )
      if (created.status !== 0) throw new Error(`createdb failed: ${created.stderr}`)
      return address(name)
    },
    async startStandby() {
      const at = { data: join(directory, 'standby'), port: await freePort() }
      done('pg_basebackup', [...here, '-D', at.data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'])
      const standby = await run(at)
      for (const statement of ["ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()'])
        done('psql', [...here, '-c', statement])
      await eventually(() => {
        const state = done('psql', [...here, '-tAc', 'SELECT sync_state FROM pg_stat_replication'])
        if (state.trim() !== 'sync') throw new Error('the standby does not follow yet')
      })
      return {
        port: at.port,
        promote() {
          // What it was told of its own standbys as a primary, it has none of.
          const there = ['-h', '127.0.0.1', '-p', String(at.port), '-U', 'postgres']
          done('pg_ctl', ['promote', '-D', at.data])
          done('psql', [...there, '-c', 'ALTER SYSTEM RESET synchronous_standby_names'])
          done('psql', [...there, '-c', 'SELECT pg_reload_conf()'])
        },
        stop: () => standby.end(),
      }
    },
    crash: () => running.end(),
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async restart() {
      running = await run()
    },
    async stop() {
      await running.end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
