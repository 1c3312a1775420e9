/** Marks for prompt caching: how many there may be, and in which order (Anthropic guide, "Prompt caching"). */
import { Problem } from '#core/domain/problem.ts'
import type { WireBlock } from '#http/anthropic/block-schema.ts'
import type { WireCacheControl } from '#http/anthropic/cache-schema.ts'
import type { MessageRequest } from '#http/anthropic/message-schema.ts'

const marksMax = 4

/** Throws `invalid_value` at the fifth mark, and at one for an hour after one for five minutes. */
export function checkCacheMarks(request: MessageRequest): void {
  const marks = createMarks()
  request.tools?.forEach((tool, index) => {
    marks.add(tool.cache_control, () => `tools[${index}]`)
  })
  if (typeof request.system !== 'string') {
    request.system?.forEach((block, index) => {
      marks.add(block.cache_control, () => `system[${index}]`)
    })
  }
  request.messages.forEach(({ content }, at) => {
    if (typeof content !== 'string') addBlocks(marks, content, `messages[${at}].content`)
  })
}

type Marks = ReturnType<typeof createMarks>

function addBlocks(marks: Marks, blocks: readonly WireBlock[], path: string): void {
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index]
    if (!block) continue
    if (block.type === 'tool_result' && Array.isArray(block['content'])) {
      addBlocks(marks, block['content'] as readonly WireBlock[], `${path}[${index}].content`)
    }
    if ('cache_control' in block) {
      marks.add(block.cache_control as WireCacheControl, () => `${path}[${index}]`)
    }
  }
}

function createMarks() {
  let count = 0
  let hasShort = false
  return {
    add(control: WireCacheControl, path: () => string): void {
      if (!control) return
      const param = `${path()}.cache_control`
      if (++count > marksMax) {
        throw new Problem('invalid_value', {
          param,
          detail: `At most ${marksMax} blocks may have cache_control; ${param} is one more.`,
        })
      }
      if (control.ttl !== '1h') hasShort = true
      else if (hasShort) {
        throw new Problem('invalid_value', {
          param: `${param}.ttl`,
          detail: 'A cache_control with ttl 1h must not come after one with ttl 5m.',
        })
      }
    },
  }
}
