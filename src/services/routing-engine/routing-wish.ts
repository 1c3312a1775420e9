/** What routing is asked and what it answers. */
import type { Dialect } from '#core/domain/chat.ts'
import type { FeatureSet } from '#core/domain/feature.ts'
import type { Ability } from '#core/domain/model-card.ts'
import type { Target, TargetSignal } from '#core/domain/target.ts'

export interface RoutingWish {
  /** A catalogue name, `provider/name`, an alias or a route; undefined means the default route. */
  readonly modelAsked: string | undefined
  /** More names to try after it, in order. */
  readonly fallbacks: readonly string[]
  /**
   * Set when the cheapest that can is wanted: names that may answer beside the one asked for. Those that cannot, or
   * that nobody knows, are passed over.
   */
  readonly cheaper?: readonly string[] | undefined
  /** What the question asks of a model. */
  readonly needs: ReadonlySet<Ability>
  /** What the question uses: a target that refuses one of these is no candidate. */
  readonly features: FeatureSet
  /** The dialect in which the question came as it is, if it did. */
  readonly nativeDialect: Dialect | undefined
  readonly inputTokens: number
  /** The output limit that the caller stated; 0 when none. */
  readonly outputTokens: number
  readonly taskType: string | undefined
  /** From 0 to 1. */
  readonly quality: number | undefined
  readonly allowedModels: readonly string[] | undefined
  /** The caller's dialect, preferred among equals because nothing is translated then. */
  readonly dialect: Dialect | undefined
  /** From 0 (included) to 1 (excluded): the only chance in a decision, so that it can be replayed. */
  readonly seed: number
  readonly nowMs: number
  /** By the target's name, `provider/model`. */
  signalOf(targetName: string): TargetSignal
}

export interface RoutingChoice {
  /** At least one, best first. */
  readonly targets: readonly Target[]
  /** What decided: the name of a route, `alias`, or `explicit` for a model named by its caller. */
  readonly route: string
  /** One sentence without a full stop. */
  readonly reason: string
}
