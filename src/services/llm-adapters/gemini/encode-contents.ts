/** A conversation as Gemini's `systemInstruction` and `contents`. */
import type { ChatMessage, Part, ToolCallPart, ToolResultPart } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { encodePart, signatureOf } from '#services/llm-adapters/gemini/encode-part.ts'
import { encodeToolResult } from '#services/llm-adapters/gemini/encode-tool-result.ts'

export interface Contents {
  readonly systemInstruction: JsonObject | undefined
  readonly contents: readonly JsonObject[]
}

interface Turn {
  readonly role: 'user' | 'model'
  /** Tool results stand in a turn of their own, all results of one round together. */
  readonly kind: 'words' | 'results'
  readonly parts: JsonObject[]
}

/**
 * Stands for the signature of a call that another model made, or that a caller lost: Gemini 3 refuses the current
 * round of calls without one. Source: Gemini API guide, "Thought signatures", migration from other models.
 */
const signatureOfForeignCall = 'skip_thought_signature_validator'

/** Throws `unsupported_feature` for media that Gemini cannot be given. */
export function encodeContents(messages: readonly ChatMessage[], target: Target): Contents {
  const roundStart = target.card.quirks.has('thinking_level') ? lastWordsOfUser(messages) : messages.length
  const calls = callsById(messages)
  const instructions: JsonObject[] = []
  const turns: Turn[] = []

  const turnOf: TurnOf = (role, kind) => {
    const last = turns.at(-1)
    if (last?.role === role && last.kind === kind) return last
    const turn: Turn = { role, kind, parts: [] }
    // Results follow their calls at once, all in one turn; words of the same round come after them.
    const roundStart = turns.findLastIndex((earlier) => earlier.role === 'model') + 1
    const results = turns[roundStart]
    if (kind === 'results' && results?.kind === 'results') return results
    turns.splice(kind === 'results' ? roundStart : turns.length, 0, turn)
    return turn
  }

  // Only what stands before the conversation is the instruction; moving later words there changes their meaning.
  const instruct = (parts: readonly InstructionPart[]): void => {
    if (turns.length === 0) instructions.push(...parts)
    else if (parts.length > 0) turnOf('user', 'words').parts.push(...parts.map(asAside))
  }

  for (const [position, message] of messages.entries()) {
    const path = `messages[${position}]`
    switch (message.role) {
      case 'system':
      case 'developer':
        instruct(instructionParts(message, path))
        break
      case 'assistant':
        addModelParts(() => turnOf('model', 'words'), message.parts, {
          path,
          isSignatureDemanded: position > roundStart,
        })
        break
      case 'user':
      case 'tool':
        addUserParts(turnOf, message.parts, { path, calls, target })
    }
  }
  return finished(instructions, turns)
}

/** Signatures are demanded only after this message: earlier rounds are over. */
function lastWordsOfUser(messages: readonly ChatMessage[]): number {
  return messages.findLastIndex(
    ({ role, parts }) => role === 'user' && parts.some((part) => part.type !== 'tool_result'),
  )
}

function finished(instructions: readonly JsonObject[], turns: readonly Turn[]): Contents {
  const contents = turns.map(({ role, parts }) => ({ role, parts }))
  // Instructions alone are a question too, and contents must not be empty.
  if (contents.length === 0) {
    return { systemInstruction: undefined, contents: [{ role: 'user', parts: instructions }] }
  }
  return { systemInstruction: instructions.length > 0 ? { parts: instructions } : undefined, contents }
}

interface InstructionPart extends JsonObject {
  readonly text: string
}

function instructionParts(message: ChatMessage, path: string): readonly InstructionPart[] {
  return message.parts.flatMap((part, at) => {
    if (part.type !== 'text') {
      throw new Problem('unsupported_feature', {
        detail: 'Gemini takes only text as instructions.',
        param: `${path}.content[${at}]`,
      })
    }
    return part.text === '' ? [] : [{ text: part.text }]
  })
}

/** An instruction in the middle of a conversation, marked so that it is not taken for the user's words. */
const asAside = ({ text }: InstructionPart) => ({ text: `<system>\n${text}\n</system>` })

interface ModelPartsPlace {
  readonly path: string
  readonly isSignatureDemanded: boolean
}

function addModelParts(turn: () => Turn, parts: readonly Part[], place: ModelPartsPlace): void {
  let isFirstCall = true
  for (const [at, part] of parts.entries()) {
    if (part.type === 'tool_call') {
      const signature =
        signatureOf(part) ?? (isFirstCall && place.isSignatureDemanded ? signatureOfForeignCall : undefined)
      turn().parts.push(encodeCall(part, signature))
      isFirstCall = false
      continue
    }
    const encoded = encodePart(part, `${place.path}.content[${at}]`)
    if (encoded) turn().parts.push(encoded)
  }
}

function encodeCall(call: ToolCallPart, signature: string | undefined): JsonObject {
  if (call.kind === 'custom') {
    throw new Problem('unsupported_feature', {
      detail: `Gemini has no tools with free-form input, as "${call.name}" is.`,
      param: 'messages',
    })
  }
  const id = providerIdOf(call)
  return {
    functionCall: { ...(id === undefined ? {} : { id }), name: call.name, args: argumentsOf(call) },
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  }
}

/** Arguments are an object at Gemini. What a model wrote that is none is kept whole under one name. */
function argumentsOf(call: ToolCallPart): JsonObject {
  if (call.argumentsText.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(call.argumentsText)
    if (value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Falls through to the text as it is.
  }
  return { input: call.argumentsText }
}

/** Gemini's own id of a call. Ids minted here mean nothing to Gemini, which then answers by name and order. */
function providerIdOf(call: ToolCallPart | undefined): string | undefined {
  return call?.carry?.find((carry) => carry.origin === 'gemini-generate' && carry.kind === 'item')?.itemId
}

interface UserPartsPlace {
  readonly path: string
  readonly calls: ReadonlyMap<string, ToolCallPart>
  readonly target: Target
}

type TurnOf = (role: Turn['role'], kind: Turn['kind']) => Turn

function addUserParts(turnOf: TurnOf, parts: readonly Part[], place: UserPartsPlace): void {
  for (const [at, part] of parts.entries()) {
    const path = `${place.path}.content[${at}]`
    if (part.type === 'tool_result') {
      addResult(turnOf, part, { ...place, path })
      continue
    }
    const encoded = encodePart(part, path)
    if (encoded) turnOf('user', 'words').parts.push(encoded)
  }
}

function addResult(turnOf: TurnOf, result: ToolResultPart, { path, calls, target }: UserPartsPlace): void {
  const call = calls.get(result.callId)
  const name = result.name ?? call?.name
  if (name === undefined) {
    throw new Problem('invalid_value', {
      detail: `The tool result answers no call of this conversation: "${result.callId}".`,
      param: path,
    })
  }
  const encoded = encodeToolResult({
    result,
    name,
    id: providerIdOf(call),
    path,
    isMediaInside: target.card.quirks.has('thinking_level'),
  })
  turnOf('user', 'results').parts.push(encoded.response)
  // Older models take no media inside a result: it follows in the user's next words.
  if (encoded.media.length > 0) turnOf('user', 'words').parts.push(...encoded.media)
}

function callsById(messages: readonly ChatMessage[]): ReadonlyMap<string, ToolCallPart> {
  const calls = new Map<string, ToolCallPart>()
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'tool_call') calls.set(part.id, part)
  }
  return calls
}
