/** What single fields of alerts cannot say: which of them each kind of destination needs, and what must be encrypted. */
import { isLoopback } from '#config/exposure.ts'
import type { ConfigPath } from '#config/fault.ts'
import type { AdminConfig } from '#config/schema.ts'

type Report = (path: ConfigPath, reason: string) => void
type Destination = AdminConfig['alerts']['destinations'][number]
type Field = keyof Destination

const ofAll: readonly Field[] = ['name', 'kind', 'scopes', 'tenants', 'allow_unencrypted']
const fieldsOf: Readonly<Record<Destination['kind'], readonly Field[]>> = {
  webhook: [...ofAll, 'url', 'url_secret', 'secret'],
  slack: [...ofAll, 'url', 'url_secret'],
  email: [...ofAll, 'host', 'port', 'security', 'user', 'user_secret', 'password_secret', 'from', 'to'],
}
const neededBy: Readonly<Record<Destination['kind'], readonly Field[]>> = {
  webhook: ['secret'],
  slack: [],
  email: ['host', 'from', 'to'],
}

/** Slack's own addresses are secrets: whoever knows one may post. */
const secretHosts: ReadonlySet<string> = new Set(['hooks.slack.com'])

export function checkAlerts({ alerts }: AdminConfig, report: Report): void {
  const names = new Set<string>()
  for (const [index, destination] of alerts.destinations.entries()) {
    const path = ['alerts', 'destinations', index]
    const { kind, name } = destination
    if (names.has(name)) report([...path, 'name'], 'is the name of a destination before it')
    names.add(name)
    for (const field of Object.keys(destination) as Field[]) {
      const isStated = destination[field] !== undefined
      if (isStated && !fieldsOf[kind].includes(field)) {
        report([...path, field], `has no meaning for the kind ${kind}`)
      }
    }
    for (const field of neededBy[kind]) {
      if (destination[field] === undefined) report([...path, field], `is missing: the kind ${kind} needs it`)
    }
    if (kind === 'email') checkMail(destination, path, report)
    else checkAddress(destination, path, report)
  }
}

function checkAddress({ url, url_secret, allow_unencrypted }: Destination, path: ConfigPath, report: Report) {
  if ((url === undefined) === (url_secret === undefined)) {
    report([...path, 'url'], 'must be stated, or url_secret, and not both')
  }
  if (url === undefined) return
  const { protocol, hostname } = new URL(url)
  if (secretHosts.has(hostname)) {
    report([...path, 'url'], 'is a secret itself: keep it in the key vault and name it with url_secret')
  }
  if (protocol === 'http:' && !allow_unencrypted && !isLoopback(hostname)) {
    report([...path, 'url'], 'must begin with https:// beyond this machine, or allow_unencrypted be true')
  }
}

function checkMail(destination: Destination, path: ConfigPath, report: Report): void {
  const { host, security, user, user_secret, password_secret, allow_unencrypted } = destination
  if (security === 'none' && host !== undefined && !allow_unencrypted && !isLoopback(host)) {
    report([...path, 'security'], 'must not be none beyond this machine, or allow_unencrypted be true')
  }
  const hasUser = user !== undefined || user_secret !== undefined
  if (user !== undefined && user_secret !== undefined) {
    report([...path, 'user'], 'must not be stated beside user_secret')
  }
  if (hasUser !== (password_secret !== undefined)) {
    report([...path, 'password_secret'], 'and a user (or user_secret) go together: state both or neither')
  }
}
