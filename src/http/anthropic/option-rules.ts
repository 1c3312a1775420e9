/** Options that contradict each other: refused here as Anthropic refuses them (Messages API reference and guides). */
import { Problem } from '#core/domain/problem.ts'
import type { MessageRequest, WireTool } from '#http/anthropic/message-schema.ts'

/** Throws `invalid_value` naming the option. `betas` is the request's `anthropic-beta`. */
export function refuseContradictions(request: MessageRequest, betas: string): void {
  checkThinking(request, betas)
  checkTools(request)
}

function checkThinking(request: MessageRequest, betas: string): void {
  const { thinking, max_tokens: maxTokens } = request
  // Adaptive thinking steps back by itself.
  if (thinking?.type !== 'enabled') return
  // Between calls of tools a budget may span several answers, where the caller has asked for that.
  const isPerAnswer = !betas.includes('interleaved-thinking')
  if (isPerAnswer && thinking.budget_tokens >= maxTokens) {
    throw wrong('thinking.budget_tokens', 'max_tokens must be greater than thinking.budget_tokens.')
  }
  const { temperature, top_p: topP, top_k: topK, tool_choice: choice } = request
  if (typeof temperature === 'number' && temperature !== 1) {
    throw wrong('temperature', 'temperature may only be 1 while thinking is on.')
  }
  if (typeof topK === 'number') throw wrong('top_k', 'top_k must not be set while thinking is on.')
  if (typeof topP === 'number' && topP < 0.95) {
    throw wrong('top_p', 'top_p must be at least 0.95 while thinking is on.')
  }
  if (choice?.type === 'any' || choice?.type === 'tool') {
    throw wrong('tool_choice', 'Thinking may not be on when tool_choice forces the use of a tool.')
  }
}

function checkTools(request: MessageRequest): void {
  const tools = request.tools ?? []
  const names = new Set<string>()
  for (const [index, { name }] of tools.entries()) {
    if (!name) continue
    if (names.has(name)) {
      throw wrong(
        `tools[${index}].name`,
        `Tool names must be unique; "${name.slice(0, 128)}" is there twice.`,
      )
    }
    names.add(name)
  }
  const choice = request.tool_choice
  if (!choice) return
  if (tools.length === 0 && !request.mcp_servers?.length) {
    throw wrong('tool_choice', 'tool_choice may only be specified while providing tools.')
  }
  if (choice.type === 'tool' && !names.has(choice.name) && !tools.some(bringsMore)) {
    throw wrong('tool_choice.name', `The tool "${choice.name.slice(0, 128)}" is not among the tools.`)
  }
}

/** Sets of tools and servers of tools bring names that the request does not state. */
const bringsMore = ({ type }: WireTool) => type?.includes('toolset') === true

const wrong = (param: string, detail: string) => new Problem('invalid_value', { param, detail })
