/** Where Redis is, from one URL: a single server, a primary watched by Sentinels, or a Cluster. */
import { Problem } from '#core/domain/problem.ts'

export interface RedisNode {
  readonly host: string
  readonly port: number
}

export interface RedisPlace {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly nodes: readonly [RedisNode, ...RedisNode[]]
  readonly isEncrypted: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  /** Always 0 in a Cluster. */
  readonly database: number
  /** The name under which the Sentinels know the primary. */
  readonly primaryName: string
}

const schemes: Readonly<Record<string, Pick<RedisPlace, 'kind' | 'isEncrypted'>>> = {
  redis: { kind: 'single', isEncrypted: false },
  rediss: { kind: 'single', isEncrypted: true },
  'redis+sentinel': { kind: 'sentinel', isEncrypted: false },
  'rediss+sentinel': { kind: 'sentinel', isEncrypted: true },
  'redis+cluster': { kind: 'cluster', isEncrypted: false },
  'rediss+cluster': { kind: 'cluster', isEncrypted: true },
}

const usualPort = 6379
const usualSentinelPort = 26379
const form = /^([a-z+]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]+)((?:\/[^/?]*)*)$/
const nodeForm = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/

/**
 * `redis://[user:password@]host[:port][/database]`; `rediss` is TLS; `redis+sentinel://host:port,host:port/primary[/database]`;
 * `redis+cluster://host:port,host:port`. Throws `config_invalid`.
 */
export function readRedisUrl(url: string): RedisPlace {
  const [, scheme = '', username, password, hosts = '', path = ''] = form.exec(url) ?? []
  const kind = schemes[scheme]
  if (!kind) throw wrong('it must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://')
  const port = kind.kind === 'sentinel' ? usualSentinelPort : usualPort
  const [first, ...others] = hosts.split(',').map((host) => readNode(host, port))
  if (!first) throw wrong('it names no server')
  const segments = path.split('/').filter((segment) => segment !== '')
  const primaryName = kind.kind === 'sentinel' ? segments.shift() : ''
  if (primaryName === undefined) throw wrong('the name of the primary is missing after the Sentinels')
  return {
    ...kind,
    nodes: [first, ...others],
    username: username ? decodeURIComponent(username) : undefined,
    password: password ? decodeURIComponent(password) : undefined,
    database: readDatabase(segments, kind.kind),
    primaryName,
  }
}

function readNode(text: string, usual: number): RedisNode {
  const [, host, port] = nodeForm.exec(text) ?? []
  const number = port === undefined ? usual : Number(port)
  if (host === undefined || number < 1 || number > 65_535) throw wrong('a server must be host or host:port')
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

function readDatabase(segments: readonly string[], kind: RedisPlace['kind']): number {
  const [database = '0', ...rest] = segments
  if (rest.length > 0 || !/^\d{1,4}$/.test(database)) throw wrong('the database must be a number')
  if (kind === 'cluster' && database !== '0') throw wrong('a Cluster has no other database than 0')
  return Number(database)
}

/** The URL may hold a password: it is not repeated. */
const wrong = (why: string) =>
  new Problem('config_invalid', {
    detail: `The address of Redis cannot be used: ${why}.`,
    param: 'REDIS_URL',
  })
