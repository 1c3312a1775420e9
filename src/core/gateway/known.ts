/** What is known already, or will be in a moment: of several who ask the same at once, one asks and the others wait. */
import { eitherSignal, Leaving } from '#core/domain/leave-signal.ts'
import type { Asked } from '#core/gateway/asked.ts'
import type { Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import type { Soon } from '#core/domain/soon.ts'
import type { KnownAnswer } from '#services/response-cache/known-answer.ts'

/**
 * The kept answer. Undefined when this request should ask itself: the first of those who ask the same, with a turn that
 * its passage ends when it is settled, or one whose first had nothing to keep. Throws `caller_left` while it waits.
 */
export async function lookUpInTurn(
  rooms: Rooms,
  passage: Passage<Asked>,
  cacheKey: string,
): Promise<KnownAnswer | undefined> {
  const { responseCache } = rooms
  const known = await responseCache.lookUp(cacheKey)
  // The next piece of a stream is worth more than the whole of it later.
  if (known || passage.workload.isStreamed) return known
  const turn = responseCache.turn(cacheKey)
  if (!turn) return undefined
  if (turn.isFirst) {
    passage.endTurn = turn.end
    return undefined
  }
  await endOrPatience(rooms, passage, turn)
  return responseCache.lookUp(cacheKey)
}

async function endOrPatience(
  rooms: Rooms,
  { asked }: Passage<Asked>,
  { ended, waitMs }: { readonly ended: Soon<void>; readonly waitMs: number },
): Promise<void> {
  const enough = new Leaving()
  try {
    await Promise.race([ended, rooms.pause(waitMs, eitherSignal(asked.signal, enough))])
  } finally {
    enough.abort()
  }
}
