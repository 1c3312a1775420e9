/** Frames of a native event stream as the objects inside them, byte for byte: for a caller who wants one JSON array. */

export interface ElementReader {
  /** The objects of whole frames. */
  push(bytes: Uint8Array): readonly string[]
  /** The object of a last frame that no blank line ended. */
  end(): readonly string[]
}

/** Source: WHATWG HTML, "Server-sent events": the data lines of an event are joined by line feeds. */
export function createElementReader(): ElementReader {
  const decoder = new TextDecoder()
  let data: string[] = []

  const take = (): readonly string[] => {
    const object = data.join('\n')
    data = []
    return object === '' || object === '[DONE]' ? [] : [object]
  }
  const readLine = (line: string, objects: string[]): void => {
    if (line === '') objects.push(...take())
    else if (line.startsWith('data:')) data.push(line.slice(line.charAt(5) === ' ' ? 6 : 5))
  }

  return {
    push(bytes) {
      const objects: string[] = []
      const lines = decoder.decode(bytes, { stream: true }).split(/\r\n|\n|\r/)
      for (const line of lines) readLine(line, objects)
      return objects
    },
    end: take,
  }
}
