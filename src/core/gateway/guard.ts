/** Guard: whether this may be asked at all, by its content. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { AskedAnything } from '#core/gateway/asked.ts'
import type { Guarded, Passage } from '#core/gateway/passage.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

/** Throws what the checks throw. */
export function guard<Anything extends AskedAnything>(
  rooms: Rooms,
  passage: Passage<Anything>,
  question?: ChatQuestion,
): Guarded<Anything> {
  if (question) rooms.guardrails.inspect(question)
  return { passage }
}
