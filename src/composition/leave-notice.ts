/** How long balancers have to notice that this instance leaves. */
import type { Config } from '#config/config.ts'

/** They look at /readyz every few seconds. */
const usualNoticeMs = 5_000

/** In development nobody balances, and Ctrl-C should be quick. */
export function leaveNoticeMs({ mode, server }: Config): number {
  if (server.leaveNoticeMs !== 'auto') return server.leaveNoticeMs
  return mode === 'production' ? usualNoticeMs : 0
}
