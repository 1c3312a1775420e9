/** Every error that Signalbox returns: a code of the catalogue, what happened, where, and how to mend it. */
import { problemCatalogue } from '#core/domain/problem-catalogue.ts'
import type { JsonValue } from '#core/domain/json.ts'

export type ProblemCode = keyof typeof problemCatalogue

/** Who can mend it: the caller, the provider upstream, or the people who run this gateway. */
export type Fault = 'caller' | 'provider' | 'gateway'

export interface ProblemKind {
  readonly status: number
  readonly fault: Fault
  /** Whether the same request may succeed if sent again later, unchanged. */
  readonly isRetryable: boolean
  /** Whether another target may succeed where this one failed. */
  readonly isReroutable: boolean
  /** One sentence: what happened. */
  readonly sentence: string
  /** One sentence: how to mend it. */
  readonly mend: string
}

export interface ProblemDetails {
  /** What exactly happened this time; safe to show to the caller. Replaces the catalogue's sentence. */
  readonly detail?: string | undefined
  /** The field of the request that is wrong, as a path: `messages[2].content`. */
  readonly param?: string | undefined
  /** How to mend this very case; replaces the catalogue's advice. */
  readonly mend?: string | undefined
  /** The nearest valid names, best first. */
  readonly nearest?: readonly string[] | undefined
  readonly retryAfterMs?: number | undefined
  /** Status that the provider answered with, when it did. */
  readonly upstreamStatus?: number | undefined
  /** The provider's own error code or type. */
  readonly upstreamCode?: string | undefined
  /** The provider whose failure this is. */
  readonly provider?: string | undefined
  /** Numbers and names that a program may want: scope, limit, spent, reset time. Never content, never secrets. */
  readonly facts?: Readonly<Record<string, JsonValue>> | undefined
  readonly cause?: unknown
}

export class Problem extends Error {
  readonly code: ProblemCode
  readonly kind: ProblemKind
  readonly details: ProblemDetails

  constructor(code: ProblemCode, stated: ProblemDetails = {}) {
    const kind: ProblemKind = problemCatalogue[code]
    const details = boundedDetails(stated)
    super(details.detail ?? kind.sentence, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'Problem'
    this.code = code
    this.kind = kind
    this.details = details
  }

  get status(): number {
    return this.kind.status
  }

  /** How to mend it, for this case or in general. */
  get mend(): string {
    return this.details.mend ?? this.kind.mend
  }
}

/** Much of what a sentence or a path quotes comes from outside, where a name may be as long as a whole request. */
const detailCharactersMax = 4_000
const paramCharactersMax = 500

function boundedDetails(stated: ProblemDetails): ProblemDetails {
  const { detail, param } = stated
  const isShort = (detail?.length ?? 0) <= detailCharactersMax && (param?.length ?? 0) <= paramCharactersMax
  if (isShort) return stated
  return {
    ...stated,
    ...(detail === undefined ? {} : { detail: shortened(detail, detailCharactersMax) }),
    ...(param === undefined ? {} : { param: shortened(param, paramCharactersMax) }),
  }
}

/** The beginning and the end, which say most. */
function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const half = Math.floor(charactersMax / 2) - 2
  return `${text.slice(0, half)}...${text.slice(-half)}`
}

/**
 * Why a request was broken off: the Problem that its signal was aborted with, by the gateway itself, or else that its
 * caller left.
 */
export function leavingProblem({ reason }: { readonly reason: unknown }): Problem {
  return reason instanceof Problem ? reason : new Problem('caller_left')
}

/** Anything thrown, as a Problem: one of ours unchanged, everything else an `internal_error` with its cause kept. */
export function toProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem('internal_error', { cause: thrown })
}
