/** The port of an adapter for errands: how one kind of work is asked of one kind of provider. Pure, as LlmAdapter is. */
import type { ErrandAnswer, ErrandKind, ErrandOf } from '#core/domain/errand.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall, WholeReply } from '#services/llm-adapters/adapter.ts'

export interface ErrandAdapter<Kind extends ErrandKind> {
  /**
   * The calls that run the errand: several where the target takes fewer inputs at once, none where nobody need be
   * asked. A request that arrived in the target's own dialect is sent on as it came, with the model name changed.
   * The same errand always makes the same calls. Throws `unsupported_feature` and `invalid_value` for what the
   * target cannot do.
   */
  encode(errand: ErrandOf<Kind>, target: Target, terms: CallTerms): readonly HttpCall[]
  /** One reply with a success status for each call, in their order. Throws `provider_malformed`. */
  decode(replies: readonly WholeReply[], errand: ErrandOf<Kind>, target: Target): ErrandAnswer<Kind>
  /** As LlmAdapter.explain. Never throws. */
  readonly explain: (reply: WholeReply, target: Target) => Problem
}
