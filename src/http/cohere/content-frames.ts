/** The content of a streamed answer as frames: blocks of text and thinking, each begun, continued and ended. */
import type { Logprobs } from '#core/domain/answer.ts'
import type { Carry, Citation } from '#core/domain/chat.ts'
import { writeCitation, writeLogprobs } from '#http/cohere/answer-words.ts'
import type { CitedPlace } from '#http/cohere/answer-words.ts'
import { carriedMember } from '#http/cohere/chat-answer.ts'
import { streamFrame } from '#http/cohere/stream-frame.ts'

export type BlockKind = 'text' | 'thinking' | 'refusal'

export interface ContentFrames {
  /** A piece of a block; one of another kind, or one that says so, begins a new block. */
  piece(kind: BlockKind, text: string, begins: boolean): string
  plan(text: string): string
  /** A token of the latest block; it goes out with the block's end. */
  carry(carry: Carry): string
  citation(citation: Citation): string
  logprobs(logprobs: Logprobs): string
  /** Ends the open block, if there is one. */
  close(): string
}

interface Block {
  readonly kind: BlockKind
  readonly index: number
  text: string
  readonly carries: Carry[]
}

interface ContentState {
  open: Block | undefined
  /** The latest block, open or ended. */
  latest: Block | undefined
  blocks: number
  citations: number
  planText: string
  isPlanLatest: boolean
}

export function createContentFrames(): ContentFrames {
  const state: ContentState = {
    open: undefined,
    latest: undefined,
    blocks: 0,
    citations: 0,
    planText: '',
    isPlanLatest: false,
  }
  return {
    piece: (kind, text, begins) => writePiece(state, kind, text, begins),
    plan: (text) => writePlan(state, text),
    carry(carry) {
      if (carry.kind === 'reasoning_content') return ''
      // A token without words of its own stands for hidden thoughts.
      const begun = state.open ? '' : begin(state, 'thinking')
      state.open?.carries.push(carry)
      return begun
    },
    citation: (citation) => writeCited(state, citation),
    logprobs: (logprobs) => writeTokens(state, logprobs),
    close: () => close(state),
  }
}

const starts: Readonly<Record<BlockKind, string>> = {
  text: '{"type":"text","text":""}',
  thinking: '{"type":"thinking","thinking":""}',
  refusal: '{"type":"text","text":"","is_refusal":true}',
}

function begin(state: ContentState, kind: BlockKind): string {
  const ended = close(state)
  const block: Block = { kind, index: state.blocks++, text: '', carries: [] }
  state.open = block
  state.latest = block
  return ended + contentFrame('content-start', block.index, starts[kind])
}

function close(state: ContentState): string {
  if (!state.open) return ''
  const { index, carries } = state.open
  state.open = undefined
  if (carries.length === 0) return streamFrame('content-end', `{"index":${index}}`)
  return contentFrame('content-end', index, JSON.stringify(carriedMember(carries)))
}

function writePiece(state: ContentState, kind: BlockKind, text: string, begins: boolean): string {
  const isNew = begins || state.open?.kind !== kind
  if (isNew && text === '' && !begins) return ''
  state.isPlanLatest = false
  const begun = isNew ? begin(state, kind) : ''
  const { open } = state
  if (!open || text === '') return begun
  open.text += text
  const name = kind === 'thinking' ? 'thinking' : 'text'
  return begun + contentFrame('content-delta', open.index, `{"${name}":${JSON.stringify(text)}}`)
}

function writePlan(state: ContentState, text: string): string {
  if (text === '') return ''
  const ended = close(state)
  state.isPlanLatest = true
  state.planText += text
  return ended + streamFrame('tool-plan-delta', `{"delta":{"message":{"tool_plan":${JSON.stringify(text)}}}}`)
}

function writeCited(state: ContentState, citation: Citation): string {
  const number = state.citations++
  const place: CitedPlace = state.isPlanLatest
    ? { text: state.planText, contentIndex: undefined, number }
    : { text: state.latest?.text ?? '', contentIndex: state.latest?.index ?? 0, number }
  const written = JSON.stringify(writeCitation(citation, place))
  return (
    streamFrame('citation-start', `{"index":${number},"delta":{"message":{"citations":${written}}}}`) +
    streamFrame('citation-end', `{"index":${number}}`)
  )
}

/** One empty piece of text for each token, which is where Cohere puts its log-probability. */
function writeTokens(state: ContentState, logprobs: Logprobs): string {
  const items = writeLogprobs(logprobs)
  if (items.length === 0) return ''
  let frames = state.open?.kind === 'text' ? '' : begin(state, 'text')
  const index = state.open?.index ?? 0
  for (const item of items) {
    const delta = '{"message":{"content":{"text":""}}}'
    frames += streamFrame(
      'content-delta',
      `{"index":${index},"delta":${delta},"logprobs":${JSON.stringify(item)}}`,
    )
  }
  return frames
}

function contentFrame(type: string, index: number, content: string): string {
  return streamFrame(type, `{"index":${index},"delta":{"message":{"content":${content}}}}`)
}
