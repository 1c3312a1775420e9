import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDeltaFrameCount } from '#services/llm-adapters/wire/delta-frames.ts'

const count = createDeltaFrameCount(['piece', 'other-piece'])
const counted = (text: string) => count(Buffer.from(text))
const piece = 'event: piece\ndata: {"a":1}\n\n'
const other = 'event: other-piece\ndata: {}\n\n'

describe('frames that are named as pieces of content', () => {
  it('pass as a run, up to the first frame with another name', () => {
    assert.deepEqual(counted(piece + other + piece), {
      frames: 3,
      bytes: piece.length * 2 + other.length,
    })
    assert.deepEqual(counted(`${piece}event: end\ndata: {}\n\n${piece}`), { frames: 1, bytes: piece.length })
    assert.deepEqual(counted(''), { frames: 0, bytes: 0 })
  })

  it('are left to be read when they are not whole, wherever they are cut', () => {
    for (let cut = 0; cut < piece.length; cut += 1) {
      assert.deepEqual(counted(piece.slice(0, cut)), { frames: 0, bytes: 0 })
      assert.deepEqual(counted(other + piece.slice(0, cut)), { frames: 1, bytes: other.length })
    }
  })

  it('are left to be read when they have any other form', () => {
    const forms = [
      'event: piece\r\ndata: {}\r\n\r\n',
      'event: piece\ndata: {}\r\revent: end\ndata: {}\n\n',
      'event: piece\ndata: {}\r\n\r\nevent: end\ndata: {}\n\n',
      'event: piece\ndata: {\ndata: }\n\n',
      'event: piece\nerror: {}\n\n',
      'event:piece\ndata:{}\n\n',
      'data: {}\n\n',
      ': comment\n\n',
      'event: pieces\ndata: {}\n\n',
      '\nevent: piece\ndata: {}\n\n',
      '\uFEFFevent: piece\ndata: {}\n\n',
    ]
    for (const form of forms) assert.deepEqual(counted(form), { frames: 0, bytes: 0 }, JSON.stringify(form))
  })

  it('may be cut inside a character of what they say, as their ends are single bytes', () => {
    const bytes = Buffer.from(`event: piece\ndata: {"a":"äöü€😀"}\n\n`)
    assert.deepEqual(count(bytes), { frames: 1, bytes: bytes.length })
  })
})
