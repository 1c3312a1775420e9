/** How long balancers have to notice that this instance leaves, and what is on its way has to arrive. */
import type { Config } from '#config/config.ts'

/** They look at /readyz every few seconds. */
const usualNoticeMs = 5_000

/** In development nobody balances, and Ctrl-C should be quick. */
export function leaveNoticeMs({ mode, server }: Config): number {
  if (server.leaveNoticeMs !== 'auto') return server.leaveNoticeMs
  return mode === 'production' ? usualNoticeMs : 0
}

/** Longer than a request is on its way, and than its caller takes to send the next one. */
const quietMostMs = 1_000

/** Where nobody is given notice, nobody is waited for either. */
export const leaveQuietMs = (config: Config): number => Math.min(quietMostMs, leaveNoticeMs(config))
