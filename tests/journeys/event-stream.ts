/** The typed events of POST /v1/generate/stream, read back from their text. */
import assert from 'node:assert/strict'

export interface TypedEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Asserts that the text is whole frames of one event line and one data line, with heartbeats between them. */
export function readEvents(text: string): readonly TypedEvent[] {
  assert.ok(text === '' || text.endsWith('\n\n'), 'the last frame is whole')
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'))
  return frames.map((frame) => {
    const [, name, json] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? []
    assert.ok(name !== undefined && json !== undefined, `this is no typed event: ${frame}`)
    return { name, data: JSON.parse(json) as TypedEvent['data'] }
  })
}
