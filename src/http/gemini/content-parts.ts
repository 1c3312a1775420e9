/** One part of a Gemini content as the gateway's own words. */
import type { MediaPart, Part, ToolResultPart } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { CallLedger } from '#http/gemini/function-calls.ts'
import type { OwnMembers } from '#http/gemini/own-members.ts'
import { readFileData, readInlineData } from '#http/gemini/part-media.ts'
import { readThoughtToken } from '#http/gemini/thought-token.ts'
import type { Piece } from '#http/gemini/thought-token.ts'
import {
  flagMember,
  listMember,
  member,
  objectMember,
  pathOf,
  textMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

/** What reading one part needs to know of the conversation and may add to. */
export interface PartContext {
  readonly calls: CallLedger
  readonly own: OwnMembers
}

export interface ReadPart {
  /** Undefined for a part that says nothing to anybody but Gemini. */
  readonly part: Part | undefined
  /** What its token says stood before it. */
  readonly before: readonly Piece[]
}

/** The members of which a part has exactly one; others than these are kept for Gemini. */
const dataNames = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'] as const
const ownDataNames = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const

/** Members beside the data of a part. */
const besideData: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'thought_signature',
  'videoMetadata',
  'video_metadata',
  'partMetadata',
  'part_metadata',
  'mediaResolution',
  'media_resolution',
])

/** Throws `missing_field`, `invalid_value`, `invalid_media`, `unsupported_media_type` with the member's path. */
export function readPart(wire: Wire, context: PartContext): ReadPart {
  const text = plainText(wire.value)
  if (text !== undefined) return { part: { type: 'text', text }, before: nothingBefore }
  const signature = textMember(wire, 'thoughtSignature')
  const token = signature ? readThoughtToken(signature, pathOf(wire, 'thoughtSignature')) : undefined
  const part = readData(wire, context)
  noteOwnMembers(wire, context.own)
  const own = token?.own ?? []
  const before = token?.before ?? nothingBefore
  return { part: part && own.length > 0 ? { ...part, carry: own } : part, before }
}

const nothingBefore: readonly Piece[] = []

/** The text of a part that is nothing but text, as nearly all are. */
function plainText(value: JsonObject): string | undefined {
  for (const name in value) if (name !== 'text') return undefined
  const { text } = value
  return typeof text === 'string' ? text : undefined
}

function readData(wire: Wire, { calls }: PartContext): Part | undefined {
  const name = dataNameOf(wire)
  switch (name) {
    case undefined:
      return opaque(wire)
    case 'text': {
      const text = textMember(wire, 'text') ?? ''
      if (isRefusal(wire)) return { type: 'refusal', text }
      return flagMember(wire, 'thought') === true ? { type: 'reasoning', text } : { type: 'text', text }
    }
    case 'inlineData':
      return readMedia(wire, 'inlineData')
    case 'fileData':
      return readMedia(wire, 'fileData')
    case 'functionCall':
      return readCall(wire, calls)
    case 'functionResponse':
      return readResponse(wire, calls)
    default:
      return serverTool(wire, name)
  }
}

/** The mark that this gateway puts on a refusal, and takes off again on the way to Gemini. */
export function isRefusal(wire: Wire): boolean {
  return asObject(member(wire, 'partMetadata'))?.['refusal'] === true
}

/** A stretch of a video is another question than the whole of it; notes on a part change nothing. */
function noteOwnMembers(wire: Wire, own: OwnMembers): void {
  if (member(wire, 'videoMetadata') !== undefined) own.demand('contents.parts.videoMetadata')
  if (member(wire, 'partMetadata') !== undefined && !isRefusal(wire)) own.spare('contents.parts.partMetadata')
}

type DataName = (typeof dataNames)[number] | (typeof ownDataNames)[number]

/** Source: Gemini API reference, `Part`: the data is a union of which one member is set. */
function dataNameOf(wire: Wire): DataName | undefined {
  let found: DataName | undefined
  for (const name of [...dataNames, ...ownDataNames]) {
    if (member(wire, name) === undefined) continue
    if (found !== undefined) {
      throw new Problem('invalid_value', {
        param: wire.path,
        detail: `${wire.path} has both ${found} and ${name}; a part holds one of them.`,
        mend: 'Send each in a part of its own.',
      })
    }
    found = name
  }
  return found
}

function opaque(wire: Wire): Part | undefined {
  const { value } = wire
  const kind = Object.keys(value).find((name) => !besideData.has(name) && value[name] !== null)
  if (kind === undefined) {
    if (textMember(wire, 'thoughtSignature')) return { type: 'text', text: '' }
    throw new Problem('missing_field', {
      param: wire.path,
      detail: `${wire.path} is empty: it has neither text nor data, a function call or a function response.`,
    })
  }
  return { type: 'opaque', kind, origin: 'gemini-generate', value: unsigned(wire.value) }
}

function serverTool(wire: Wire, name: (typeof ownDataNames)[number]): Part {
  const inner = objectMember(wire, name)
  const isResult = name === 'codeExecutionResult' || name === 'toolResponse'
  const isCode = name === 'executableCode' || name === 'codeExecutionResult'
  return {
    type: 'server_tool',
    phase: isResult ? 'result' : 'call',
    name: isCode ? 'code_execution' : ((inner && textMember(inner, 'toolType')) ?? 'tool'),
    origin: 'gemini-generate',
    value: unsigned(wire.value),
  }
}

function unsigned(value: JsonObject): JsonObject {
  const { thoughtSignature: _camel, thought_signature: _snake, ...rest } = value
  return rest
}

function readMedia(wire: Wire, name: 'inlineData' | 'fileData'): MediaPart | undefined {
  const data = objectMember(wire, name)
  if (!data) return undefined
  const media = name === 'inlineData' ? readInlineData(data) : readFileData(data)
  const resolution = objectMember(wire, 'mediaResolution')
  const detail = resolution && detailOf(textMember(resolution, 'level'))
  return detail === undefined ? media : { ...media, detail }
}

/** How closely to look, in the word that other APIs use for images; undefined where the model decides. */
export function detailOf(level: string | undefined): string | undefined {
  if (level === 'MEDIA_RESOLUTION_LOW') return 'low'
  return level === 'MEDIA_RESOLUTION_HIGH' ? 'high' : undefined
}

function nameIn(wire: Wire): string {
  const name = textMember(wire, 'name')
  if (name === undefined || name === '') {
    throw new Problem('missing_field', {
      param: pathOf(wire, 'name'),
      detail: `${pathOf(wire, 'name')} is required.`,
    })
  }
  return name
}

function readCall(part: Wire, calls: CallLedger): Part | undefined {
  const wire = objectMember(part, 'functionCall')
  if (!wire) return undefined
  const name = nameIn(wire)
  const args = objectMember(wire, 'args')?.value ?? {}
  const id = calls.call({ id: textMember(wire, 'id') || undefined, name, path: wire.path })
  return { type: 'tool_call', id, name, kind: 'function', argumentsText: JSON.stringify(args) }
}

function readResponse(part: Wire, calls: CallLedger): ToolResultPart | undefined {
  const wire = objectMember(part, 'functionResponse')
  if (!wire) return undefined
  const name = nameIn(wire)
  const response = objectMember(wire, 'response')?.value ?? {}
  const isLast = flagMember(wire, 'willContinue') !== true
  const callId = calls.answer({ id: textMember(wire, 'id') || undefined, name, path: wire.path, isLast })
  const { text, isError } = outcomeOf(response)
  const media = (listMember(wire, 'parts') ?? []).flatMap((inner): readonly Part[] => {
    const read = readMedia(inner, 'inlineData') ?? readMedia(inner, 'fileData')
    if (!read) throw wrongValue(inner.path, 'inlineData or fileData')
    return [read]
  })
  return {
    type: 'tool_result',
    callId,
    name,
    parts: text === '' && media.length > 0 ? media : [{ type: 'text', text }, ...media],
    isError,
  }
}

/** `output` and `error` are the names that the API knows for a result and a failure; anything else is the result itself. */
function outcomeOf(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const names = Object.keys(response)
  if (names.length === 0) return { text: '', isError: false }
  const only = names.length === 1 ? names[0] : undefined
  if (only === 'output' || only === 'error') {
    const value = response[only] ?? ''
    return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: only === 'error' }
  }
  return { text: JSON.stringify(response), isError: false }
}
