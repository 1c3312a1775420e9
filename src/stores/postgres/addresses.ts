/**
 * The servers that one address names: `postgres://user@one:5432,two:5432/database` is one database whose primary may be
 * any of them. The driver knows one server at a time; here stands which one it is asked for.
 */

export interface Addresses {
  readonly count: number
  /** An address of the server that is asked now. */
  current(): string
  /** The server at `failed` is away or only reads: the next is asked from now on, unless that has begun already. */
  leave(failed: string): void
}

const form = /^(\w+:\/\/(?:[^@/?]*@)?)([^/?]*)(.*)$/s

export function readAddresses(url: string): Addresses {
  const [, start = '', servers = '', rest = ''] = form.exec(url) ?? []
  const names = servers.split(',')
  const all = names.length < 2 ? [url] : names.map((name) => `${start}${name}${rest}`)
  let position = 0
  const current = () => all[position] ?? url
  return {
    count: all.length,
    current,
    leave(failed) {
      if (failed === current()) position = (position + 1) % all.length
    },
  }
}
