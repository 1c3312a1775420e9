/** The epoch as it stands in Redis: `open 7:server`, or `closed 7:server leader since`. */
import type { Epoch } from '#services/budget-manager/shared-ledger/shelf.ts'

const form = /^(open|closed) (\d+):(\S+)(?: (\S+) (\d+))?$/

/** Undefined when there is none, or none that can be read: then memory counts as lost. */
export function readEpoch(text: string): Epoch | undefined {
  const [, word, number, server, leader = '', since = '0'] = form.exec(text) ?? []
  if (number === undefined || server === undefined) return undefined
  return { number: Number(number), server, isOpen: word === 'open', leader, sinceMs: Number(since) }
}

export const openName = ({ number, server }: Pick<Epoch, 'number' | 'server'>): string =>
  `open ${number}:${server}`

export const writtenName = (epoch: Epoch): string =>
  epoch.isOpen ? openName(epoch) : `closed ${epoch.number}:${epoch.server} ${epoch.leader} ${epoch.sinceMs}`
