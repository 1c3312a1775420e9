/** Turns: of several who ask the same at once, one asks, and the others wait for what the cache then holds. */

/** The first one's turn, which it must end; or the end of the first one's, to wait for. */
export type Turn =
  | { readonly isFirst: true; readonly end: () => void }
  | { readonly isFirst: false; readonly ended: Promise<void>; readonly waitMs: number }

export type TakeTurn = (key: string, waitMs: number) => Turn

/** Turns are of this process: its requests that are running bound how many there are. */
export function createTurns(): TakeTurn {
  const running = new Map<string, Promise<void>>()
  return (key, waitMs) => {
    const ended = running.get(key)
    if (ended) return { isFirst: false, ended, waitMs }
    const own = Promise.withResolvers<void>()
    running.set(key, own.promise)
    return {
      isFirst: true,
      end() {
        if (running.get(key) === own.promise) running.delete(key)
        own.resolve()
      },
    }
  }
}
