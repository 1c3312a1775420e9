/** The classes of failures: for each code, who may be asked next and what the failure says about the track. */
import type { Problem, ProblemCode } from '#core/domain/problem.ts'

export interface ErrorClass {
  /** Whether the same model may be asked again after a pause: yes, only while nobody else could answer, or no. */
  readonly again: 'yes' | 'if-alone' | 'no'
  /** Whether another key or address of the same model may be asked at once. */
  readonly otherTrack: boolean
  /** Whether the breaker counts it. */
  readonly counts: boolean
  /** What cools down: this key for this model, this key for every model, or nothing. */
  readonly rests: 'model' | 'key' | 'nothing'
}

const failing = { again: 'yes', otherTrack: true, counts: true, rests: 'nothing' } as const
const refusing = { again: 'no', otherTrack: true, counts: false, rests: 'key' } as const

/** Whatever is not listed is the request's own fault or this gateway's: no track is to blame, and none would do better. */
const classes: Readonly<Partial<Record<ProblemCode, ErrorClass>>> = {
  provider_unreachable: failing,
  provider_error: failing,
  provider_overloaded: failing,
  provider_malformed: failing,
  stream_cut: failing,
  // Silence is not waited for twice while somebody else could speak.
  provider_timeout: { ...failing, again: 'if-alone' },
  // A limit is no illness: the key cools down, and the breaker stays out of it.
  provider_rate_limited: { again: 'if-alone', otherTrack: true, counts: false, rests: 'model' },
  provider_quota: refusing,
  provider_auth: refusing,
  secret_missing: refusing,
  // Deployed at one address and not yet at another.
  provider_model_missing: { ...refusing, rests: 'model' },
  // Left alone here; another key or address may not be.
  circuit_open: { again: 'no', otherTrack: false, counts: false, rests: 'nothing' },
}

const nobodyToBlame: ErrorClass = { again: 'no', otherTrack: false, counts: false, rests: 'nothing' }

/** Waiting cannot help a request that alone is above a track's limit, and says nothing about the limit's state. */
const tooLargeHere: ErrorClass = { again: 'no', otherTrack: true, counts: false, rests: 'nothing' }

const replacedKey: ErrorClass = { again: 'yes', otherTrack: true, counts: false, rests: 'nothing' }
const givenUpForAnother: ErrorClass = { again: 'if-alone', otherTrack: true, counts: false, rests: 'nothing' }

export function classOf({ code, details }: Problem): ErrorClass {
  const { facts } = details
  if (facts?.['neverFits'] === true) return tooLargeHere
  // Its successor is known already.
  if (code === 'provider_auth' && facts?.['keyReplaced'] === true) return replacedKey
  // The breaker has counted the silence already.
  if (code === 'provider_timeout' && facts?.['phase'] === 'silence') return givenUpForAnother
  // The request's own time is up, whoever used it; a caller in a hurry must not shut a provider off for everybody.
  if (code === 'provider_timeout' && facts?.['phase'] === 'deadline') return nobodyToBlame
  return classes[code] ?? nobodyToBlame
}

/** Whether not even a connection came about, so that nothing was sent. */
export const isUnconnected = ({ code, details }: Problem): boolean =>
  code === 'provider_unreachable' && details.facts?.['phase'] === 'connect'
