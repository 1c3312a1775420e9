/** Frames of a message stream, with gapless block numbers. */
import type { JsonObject } from '#core/domain/json.ts'

/** One event; `rest` is what follows its type, from the comma on. */
export const frame = (type: string, rest: string): string =>
  `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`

export interface FrameWriter {
  start(block: JsonObject): void
  /** A delta of the open block whose one member has this value. */
  delta(type: string, member: string, value: string | JsonObject): void
  stop(): void
  /** Blocks that arrive complete, each started and stopped. */
  whole(blocks: readonly JsonObject[]): void
  /** What was written since the last time. */
  take(): string
}

export function createFrameWriter(): FrameWriter {
  let text = ''
  let index = 0
  const writer: FrameWriter = {
    start(block) {
      text += frame('content_block_start', `,"index":${index},"content_block":${JSON.stringify(block)}`)
    },
    delta(type, member, value) {
      const json = JSON.stringify(value)
      text += frame('content_block_delta', `,"index":${index},"delta":{"type":"${type}","${member}":${json}}`)
    },
    stop() {
      text += frame('content_block_stop', `,"index":${index}`)
      index += 1
    },
    whole(blocks) {
      for (const block of blocks) {
        writer.start(block)
        writer.stop()
      }
    },
    take() {
      const taken = text
      text = ''
      return taken
    },
  }
  return writer
}
