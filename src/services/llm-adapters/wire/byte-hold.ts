/** A growing run of bytes: what has arrived of something whose end has not. */
import type { Writable } from '#core/domain/writable.ts'

export interface ByteHold {
  readonly length: number
  append(bytes: Uint8Array, from: number, to: number): void
  /** The bytes held, as a view that the next `append` after a `clear` may overwrite. */
  view(): Buffer
  clear(): void
}

const smallest = 1_024
/** One long event leaves no large store behind for the rest of its stream. */
const largestKept = 4_096
const emptyBuffer = Buffer.alloc(0)

/** Appending costs amortised constant time, however small the pieces are. */
export function createByteHold(): ByteHold {
  let store = emptyBuffer
  const hold: Writable<ByteHold> = {
    length: 0,
    append(bytes, from, to) {
      const { length } = hold
      const needed = length + to - from
      if (needed > store.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(smallest, needed, store.length * 2))
        store.copy(grown, 0, 0, length)
        store = grown
      }
      store.set(bytes.subarray(from, to), length)
      hold.length = needed
    },
    view: () => store.subarray(0, hold.length),
    clear() {
      hold.length = 0
      if (store.length > largestKept) store = emptyBuffer
    },
  }
  return hold
}

/** The same memory as a Buffer, whose searches and slices are native. */
export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
