/** Frames handed on to a caller of the same dialect, as they came. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Dialect } from '#core/domain/chat.ts'
import type { CountDeltaFrames } from '#services/llm-adapters/wire/delta-frames.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'

/**
 * Adds the bytes of a frame whose reader keeps them, counted as so many deltas of content. Frames that lie side by
 * side in one chunk become one event, without copying.
 */
export function passFrame(frame: Frame, dialect: Dialect, deltas: number, events: ChatEvent[]): void {
  const { bytes } = frame
  if (!bytes) return
  const before = events.at(-1)
  if (before?.type === 'native' && isNext(before.bytes, bytes)) {
    const both = Buffer.from(bytes.buffer, before.bytes.byteOffset, before.bytes.length + bytes.length)
    events[events.length - 1] = { type: 'native', dialect, bytes: both, deltas: before.deltas + deltas }
  } else {
    events.push({ type: 'native', dialect, bytes, deltas })
  }
}

/** Passes the frames that their names alone tell to be content, once the answer has begun. */
export function passDeltaFrames(
  dialect: Dialect,
  count: CountDeltaFrames,
  isStarted: () => boolean,
): (chunk: Uint8Array, events: ChatEvent[]) => number {
  return (chunk, events) => {
    if (!isStarted()) return 0
    const { frames, bytes } = count(chunk)
    if (frames > 0) {
      const passed = bytes === chunk.length ? chunk : chunk.subarray(0, bytes)
      events.push({ type: 'native', dialect, bytes: passed, deltas: frames })
    }
    return bytes
  }
}

function isNext(before: Uint8Array, bytes: Uint8Array): boolean {
  return before.buffer === bytes.buffer && before.byteOffset + before.length === bytes.byteOffset
}
