/** Vectors as text: base64 of little-endian 32-bit floats, as OpenAI and Cohere write them. */
import type { Vector } from '#core/domain/errand.ts'

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Each number is rounded to 32 bits. */
export function vectorToBase64(vector: Vector): string {
  return bytesOf(vector).toBase64()
}

function bytesOf(vector: Vector): Uint8Array<ArrayBuffer> {
  if (isLittleEndian) return new Uint8Array(Float32Array.from(vector).buffer)
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  for (const [position, value] of vector.entries()) view.setFloat32(position * 4, value, true)
  return new Uint8Array(view.buffer)
}

/** The numbers of such a text; undefined when it is no base64, no whole number of floats, or one of them is no number. */
export function vectorFromBase64(text: string): Vector | undefined {
  let bytes: Uint8Array
  try {
    bytes = Uint8Array.fromBase64(text)
  } catch {
    return undefined
  }
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const vector: number[] = []
  for (let at = 0; at < bytes.length; at += 4) {
    const value = view.getFloat32(at, true)
    if (!Number.isFinite(value)) return undefined
    vector.push(value)
  }
  return vector
}
