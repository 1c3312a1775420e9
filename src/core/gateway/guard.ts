/** Guard: whether this may be asked at all, by its content and by the caller's limits. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { AskedAnything } from '#core/gateway/asked.ts'
import type { Guarded, Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

/** Output tokens that a request without a limit of its own counts as until it is over. */
const unstatedOutputTokens = 256

/** Takes the caller's place in every limit. Throws what the checks and the limiter throw, holding nothing then. */
export async function guard<Anything extends AskedAnything>(
  rooms: Rooms,
  passage: Passage<Anything>,
  question?: ChatQuestion,
): Promise<Guarded<Anything>> {
  if (question) rooms.guardrails.inspect(question)
  const { caller, userId, workload } = passage
  const { estimate, outputTokensMax, isFree } = workload
  const tokens = isFree ? 0 : estimate.likely + (outputTokensMax ?? unstatedOutputTokens)
  passage.permit = await rooms.rateLimiter.take({ caller, userId, tokens })
  passage.receipt.limits = passage.permit.state
  return { passage }
}
