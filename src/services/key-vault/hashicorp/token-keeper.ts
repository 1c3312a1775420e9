/** The token that a secret server is asked with: got once for all who wait, renewed before its end, got anew when it is lost. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Grant } from '#services/key-vault/hashicorp/login.ts'
import type { Secret } from '#services/key-vault/secret.ts'

export interface TokenPorts {
  readonly clock: Clock
  readonly chance: Chance
  readonly logIn: () => Promise<Grant>
  /** Undefined when the server refuses to renew the token. */
  readonly renew: (token: Secret) => Promise<Grant | undefined>
  /** Whether the server still knows the token. */
  readonly isKnown: (token: Secret) => Promise<boolean>
  /** How long a login that failed is not tried again, so that a wrong credential is not locked out. */
  readonly restMs: () => number
  readonly report: (failure: unknown, place: string) => void
  /** Told once of a token that nobody can prolong. */
  readonly warn: (sentence: string) => void
}

export interface TokenKeeper {
  /** Throws what the login failed with. */
  obtain(): Promise<Secret>
  /** A token with which something was forbidden: another one, if it was the token's fault; else undefined. */
  replace(token: Secret): Promise<Secret | undefined>
  /** To be called now and then: renews when it is time. Never throws; what goes wrong is reported. */
  tend(): void
}

interface Held {
  readonly token: Secret
  readonly isRenewable: boolean
  /** What the first grant of this token said. */
  readonly firstLeaseMs: number | undefined
  readonly sinceMs: number
  readonly endsAtMs: number | undefined
  /** When to renew it or to log in again. */
  tendAtMs: number
  isTroubleTold: boolean
}

/** A token is renewed after this share of its life, give or take: many instances must not come at once. */
const renewAfter = { least: 0.55, spread: 0.15 }
/** A renewal that grants less than this share of the first lease says that the token nears its final end. */
const nearTheEnd = 0.5

export function createTokenKeeper(ports: TokenPorts): TokenKeeper {
  const { clock } = ports
  const logInOnce = createLoginGate(ports)
  const warnOfEnd = createEndWarning(ports)
  let held: Held | undefined
  let tending = false

  const enter = async (): Promise<Held> => (held = await logInOnce())
  const current = () =>
    held && (held.endsAtMs === undefined || clock.monotonicMs() < held.endsAtMs) ? held : undefined

  const extend = async (old: Held): Promise<void> => {
    // A token past its longest life is refused in many ways, 500 among them: a login tells whether the server is there.
    const grant = old.isRenewable ? await ports.renew(old.token).catch(() => undefined) : undefined
    const isShort = (grant?.leaseMs ?? Infinity) < (old.firstLeaseMs ?? 0) * nearTheEnd
    if (grant && !isShort) {
      held = { ...heldOf(ports, grant), firstLeaseMs: old.firstLeaseMs }
      return
    }
    const { token, endsAtMs } = await enter()
    if (token.isSameAs(old.token) && endsAtMs !== undefined) warnOfEnd(endsAtMs)
  }
  const postpone = (old: Held, failure: unknown) => {
    // It is good for a while yet: tried again, each time after a part of what is left.
    old.tendAtMs = clock.monotonicMs() + ((old.endsAtMs ?? Infinity) - clock.monotonicMs()) / 4
    if (!old.isTroubleTold) ports.report(failure, 'renewing the token of the secret server')
    old.isTroubleTold = true
  }

  return {
    obtain: async () => (current() ?? (await enter())).token,
    async replace(token) {
      const now = current()
      if (now && !now.token.isSameAs(token)) return now.token
      const isFresh = now !== undefined && clock.monotonicMs() - now.sinceMs < ports.restMs()
      if (isFresh || (await ports.isKnown(token))) return undefined
      const again = await enter()
      return again.token.isSameAs(token) ? undefined : again.token
    },
    tend() {
      const old = current()
      if (!old || tending || clock.monotonicMs() < old.tendAtMs) return
      tending = true
      extend(old)
        .catch((failure: unknown) => postpone(old, failure))
        .finally(() => (tending = false))
    },
  }
}

/** One login for however many wait for it; one that failed is not tried again at once. */
function createLoginGate(ports: TokenPorts): () => Promise<Held> {
  const { clock } = ports
  let running: Promise<Held> | undefined
  let failed: { readonly problem: Problem; readonly atMs: number } | undefined

  const enter = async (): Promise<Held> => {
    try {
      const granted = heldOf(ports, await ports.logIn())
      failed = undefined
      return granted
    } catch (thrown) {
      failed = { problem: toProblem(thrown), atMs: clock.monotonicMs() }
      throw failed.problem
    }
  }
  return () => {
    if (failed && clock.monotonicMs() - failed.atMs < ports.restMs()) return Promise.reject(failed.problem)
    running ??= enter().finally(() => (running = undefined))
    return running
  }
}

function createEndWarning({ clock, warn }: TokenPorts): (endsAtMs: number) => void {
  let isTold = false
  return (endsAtMs) => {
    if (isTold) return
    isTold = true
    const seconds = Math.round((endsAtMs - clock.monotonicMs()) / 1_000)
    warn(
      `The token of the secret server cannot be renewed and ends in ${seconds} s. Put a new one where VAULT_TOKEN_FILE points, which is read again, or log in by approle or kubernetes.`,
    )
  }
}

function heldOf({ clock, chance }: TokenPorts, { token, leaseMs, isRenewable }: Grant): Held {
  const sinceMs = clock.monotonicMs()
  const share = renewAfter.least + renewAfter.spread * chance.fraction()
  return {
    token,
    isRenewable,
    firstLeaseMs: leaseMs,
    sinceMs,
    endsAtMs: leaseMs === undefined ? undefined : sinceMs + leaseMs,
    tendAtMs: leaseMs === undefined ? Infinity : sinceMs + leaseMs * share,
    isTroubleTold: false,
  }
}
