/** A conversation as it is read item by item: what the assistant did in one turn comes together, and tokens find their parts. */
import type { Carry, ChatMessage, Part, ToolCallPart } from '#core/domain/chat.ts'
import type { Belonging } from '#http/openai/responses/carried-reasoning.ts'

export interface Conversation {
  readonly messages: readonly ChatMessage[]
  add(message: ChatMessage): void
  addToAssistant(...parts: readonly Part[]): void
  addCall(call: ToolCallPart): void
  hasCall(callId: string): boolean
  /** Tokens that stand beside the part they belong to; a call may come before or after them. */
  addTokens(belonging: Belonging, carries: readonly Carry[]): void
}

interface Turn {
  readonly role: ChatMessage['role']
  readonly parts: Part[]
}

export function createConversation(): Conversation {
  const messages: Turn[] = []
  const calls = new Map<string, { readonly parts: Part[]; readonly at: number }>()
  const early = new Map<string, readonly Carry[]>()

  const assistantParts = (): Part[] => {
    const last = messages.at(-1)
    if (last?.role === 'assistant') return last.parts
    const turn: Turn = { role: 'assistant', parts: [] }
    messages.push(turn)
    return turn.parts
  }

  return {
    messages,
    add({ role, parts }) {
      messages.push({ role, parts: [...parts] })
    },
    addToAssistant(...parts) {
      assistantParts().push(...parts)
    },
    addCall(call) {
      const parts = assistantParts()
      calls.set(call.id, { parts, at: parts.length })
      parts.push(withCarries(call, early.get(call.id) ?? []))
    },
    hasCall: (callId) => calls.has(callId),
    addTokens(belonging, carries) {
      if (belonging.kind === 'call') {
        const place = calls.get(belonging.callId)
        if (place) addCarries(place.parts, place.at, carries)
        else early.set(belonging.callId, carries)
        return
      }
      const parts = assistantParts()
      const last = parts.at(-1)
      if (last && (belonging.kind === 'before' || last.type === 'text'))
        addCarries(parts, parts.length - 1, carries)
      else parts.push({ type: 'text', text: '', carry: carries })
    },
  }
}

function addCarries(parts: Part[], at: number, carries: readonly Carry[]): void {
  const part = parts[at]
  if (part) parts[at] = withCarries(part, carries)
}

function withCarries(part: Part, carries: readonly Carry[]): Part {
  return carries.length === 0 ? part : { ...part, carry: [...(part.carry ?? []), ...carries] }
}
