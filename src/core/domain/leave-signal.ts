/**
 * The signal that a caller leaves, of which each request has one. Most are never given, so that a platform's signal,
 * which is dear to make and to listen to, is only made for those who need one.
 */
import { nowhere } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'

/** Given at most once; what it was given with is its reason. */
export type LeaveSignal = AbortSignal | Leaving

type Listener = () => void

export class Leaving implements Member {
  place = nowhere
  aborted = false
  reason: unknown
  #listeners: Listener[] | undefined

  /** Calls everybody who listens, in order; later calls do nothing. */
  abort(reason?: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    const listeners = this.#listeners ?? []
    this.#listeners = undefined
    for (const listener of listeners) listener()
  }

  /** Listens once. A signal that has been given is heard no more, as with any `AbortSignal`. */
  addEventListener(_event: 'abort', listener: Listener, _once?: { readonly once: true }): void {
    if (!this.aborted) (this.#listeners ??= []).push(listener)
  }

  removeEventListener(_event: 'abort', listener: Listener): void {
    const at = this.#listeners?.indexOf(listener) ?? -1
    if (at >= 0) this.#listeners?.splice(at, 1)
  }
}

/**
 * Given as soon as one of both is, with its reason. `AbortSignal.any` keeps what it makes by weak references, which the
 * collector of young objects takes for strong ones: every stream would stay until the next collection of everything.
 */
export function eitherSignal(one: LeaveSignal, other: LeaveSignal): Leaving {
  const either = new Leaving()
  const given = [one, other].find(({ aborted }) => aborted)
  if (given) {
    either.abort(given.reason)
    return either
  }
  for (const signal of [one, other]) {
    const hear = () => either.abort(signal.reason)
    signal.addEventListener('abort', hear, { once: true })
    either.addEventListener('abort', () => signal.removeEventListener('abort', hear))
  }
  return either
}
