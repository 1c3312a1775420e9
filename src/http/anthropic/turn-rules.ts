/** Who may say what, and that calls and results pair up, as Anthropic demands (guide, "Handle tool calls"). */
import { Problem } from '#core/domain/problem.ts'
import { isKnownBlock } from '#http/anthropic/block-schema.ts'
import type { WireBlock } from '#http/anthropic/block-schema.ts'
import type { MessageRequest, WireMessage } from '#http/anthropic/message-schema.ts'

/** Throws `invalid_value` and `empty_prompt` naming the message or block. */
export function checkTurns({ system, messages }: MessageRequest): void {
  if (system && typeof system !== 'string') checkTexts(system, 'system')
  const pairs = createPairs()
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]
    if (!message) continue
    checkContent(message, `messages[${index}].content`)
    pairs.add(message, index)
  }
  pairs.end()
}

function checkContent({ role, content }: WireMessage, path: string): void {
  if (content.length === 0 && role !== 'assistant') {
    throw new Problem('empty_prompt', {
      param: path,
      detail: `${path} is empty; ${role} messages must have non-empty content.`,
      mend: 'Send text, or leave the message out.',
    })
  }
  if (typeof content === 'string') return
  checkTexts(content, path)
  for (let index = 0; index < content.length; index++) {
    const block = content[index]
    if (block && isKnownBlock(block)) checkHome(block.type, role, `${path}[${index}].type`)
  }
}

function checkHome(type: string, role: WireMessage['role'], param: string): void {
  if (role === 'system') {
    if (type !== 'text') throw wrong(param, `${type} blocks cannot be in system messages.`)
    return
  }
  const home = homes[type] ?? role
  if (home !== role) throw wrong(param, `${type} blocks can only be in ${home} messages.`)
}

/** Blocks that only one side of the conversation can say. */
const homes: Readonly<Record<string, WireMessage['role']>> = {
  tool_use: 'assistant',
  thinking: 'assistant',
  redacted_thinking: 'assistant',
  tool_result: 'user',
}

function checkTexts(blocks: readonly WireBlock[], path: string): void {
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index]
    if (!block || !isKnownBlock(block)) continue
    if (block.type === 'text' && block.text === '') {
      throw wrong(`${path}[${index}].text`, 'Text content blocks must be non-empty.')
    }
    if (block.type === 'tool_result' && block.content && typeof block.content !== 'string') {
      checkTexts(block.content, `${path}[${index}].content`)
    }
  }
}

/** Messages of one side in a row are one turn; what a system message says stands outside of turns. */
function createPairs() {
  let open = new Map<string, string>()
  let answered = new Set<string>()
  let lastRole = ''

  const beginTurn = (role: string): void => {
    if (role === 'assistant') {
      refuseUnanswered(open)
      open = new Map()
    } else answered = new Set()
    lastRole = role
  }
  const addCall = (id: string, path: string): void => {
    if (open.has(id))
      throw wrong(`${path}.id`, `tool_use ids must be unique; "${id.slice(0, 128)}" is there twice.`)
    open.set(id, path)
  }
  const addResult = (id: string, path: string): void => {
    if (open.delete(id)) {
      answered.add(id)
      return
    }
    const param = `${path}.tool_use_id`
    if (answered.has(id)) {
      throw wrong(param, `Each tool_use must have one result; there are several for "${id.slice(0, 128)}".`)
    }
    throw wrong(
      param,
      `${path} is the result of "${id.slice(0, 128)}", and there is no tool_use with this id in the previous message.`,
    )
  }

  return {
    add({ role, content }: WireMessage, index: number): void {
      if (role === 'system') return
      if (role !== lastRole) beginTurn(role)
      if (typeof content === 'string') {
        if (role === 'user' && content !== '') refuseUnanswered(open)
        return
      }
      for (const [at, block] of content.entries()) {
        const path = `messages[${index}].content[${at}]`
        if (!isKnownBlock(block)) continue
        if (block.type === 'tool_use') addCall(block.id, path)
        else if (block.type === 'tool_result') addResult(block.tool_use_id, path)
        else if (role === 'user') refuseUnanswered(open)
      }
    },
    end(): void {
      refuseUnanswered(open)
    },
  }
}

function refuseUnanswered(open: ReadonlyMap<string, string>): void {
  const [first] = open
  if (!first) return
  const ids = [...open.keys()].map((id) => id.slice(0, 128)).join(', ')
  throw new Problem('invalid_value', {
    param: first[1],
    detail: `tool_use ids were found without tool_result blocks immediately after: ${ids}.`,
    mend: 'Begin the next user message with one tool_result for each tool_use.',
  })
}

const wrong = (param: string, detail: string) => new Problem('invalid_value', { param, detail })
