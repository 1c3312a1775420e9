/** Guard: whether this may be asked at all, by its content and by the caller's limits. */
import type { Guarded, Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

/** Output tokens that a request without a limit of its own counts as until it is over. */
const unstatedOutputTokens = 256

/** Takes the caller's place in every limit. Throws what the checks and the limiter throw, holding nothing then. */
export async function guard(rooms: Rooms, passage: Passage): Promise<Guarded> {
  const { caller, asked, userId, estimate } = passage
  rooms.guardrails.inspect(asked.question)
  const tokens = estimate.likely + (asked.question.maxOutputTokens ?? unstatedOutputTokens)
  passage.permit = await rooms.rateLimiter.take({ caller, userId, tokens })
  passage.receipt.limits = passage.permit.state
  return { passage }
}
