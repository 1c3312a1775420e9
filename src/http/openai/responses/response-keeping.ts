/** Keeping a response: what is written of it is read again before it goes out, kept, and made to say whether it is. */
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { AnswerKeeping } from '#http/inference.ts'
import { scanJson } from '#http/json-body.ts'
import type { JsonBodyLimits } from '#http/json-body.ts'
import { outputOf } from '#core/domain/kept-response.ts'
import type { KeptResponse } from '#core/domain/kept-response.ts'

export interface KeepingTerms {
  /** Undefined for who asked that nothing be kept. */
  readonly keep: ((response: FinishedResponse) => Promise<boolean>) | undefined
  readonly input: KeptResponse['input']
  readonly previousResponseId: string | null
}

export interface FinishedResponse extends KeptResponse {
  readonly id: string
  readonly outputItems: readonly string[]
}

/** Bytes of OpenAI's own pass too: they were asked with nothing stored there, and say so. */
export function createResponseKeeping(terms: KeepingTerms): AnswerKeeping {
  return {
    whole: async (bytes) => Buffer.from(await toldWhole(bufferOf(bytes).toString(), terms)),
    piece: (piece) => (mentionsResponse(piece) ? toldEvents(textOf(piece), terms) : piece),
  }
}

/** Inside a string its quotes would be escaped, so this is a member. */
const responseMember = '"response":'

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const textOf = (piece: string | Uint8Array) =>
  typeof piece === 'string' ? piece : bufferOf(piece).toString()

function mentionsResponse(piece: string | Uint8Array): boolean {
  return typeof piece === 'string' ? piece.includes(responseMember) : bufferOf(piece).includes(responseMember)
}

async function toldEvents(text: string, terms: KeepingTerms): Promise<string> {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const isResponse = line.startsWith('data:') && line.includes(responseMember)
    lines.push(isResponse ? await toldEvent(line, terms) : line)
  }
  return lines.join('\n')
}

async function toldEvent(line: string, terms: KeepingTerms): Promise<string> {
  const span = scanned(line)?.get('response')
  if (!span) return line
  const told = await toldWhole(line.slice(span.start, span.end), terms)
  return line.slice(0, span.start) + told + line.slice(span.end)
}

/** Answers come from a provider: what is odd in them is passed on as it is. */
async function toldWhole(
  response: string,
  { keep, input, previousResponseId }: KeepingTerms,
): Promise<string> {
  const told = (store: boolean) => retold(response, { store, previous_response_id: previousResponseId })
  const { id, status } = asObject(parseJson(response)) ?? {}
  const text = told(keep !== undefined && status !== 'failed')
  if (text === undefined) return response
  if (!keep || typeof id !== 'string' || !isWhole(asString(status))) return text
  const outputItems = outputOf({ text, input }).map((item) => item.id)
  const isKept = await keep({ id, text, input, outputItems })
  return isKept ? text : (told(false) ?? text)
}

const isWhole = (status: string | undefined) => status === 'completed' || status === 'incomplete'

function retold(text: string, changes: Readonly<Record<string, JsonValue>>): string | undefined {
  const members = scanned(text)
  return members && spliceMembers({ text, members }, changes)
}

const answerLimits: JsonBodyLimits = { depthMax: 1_000, keysMax: 100_000_000, itemsMax: 100_000_000 }

function scanned(text: string) {
  try {
    return scanJson(text, answerLimits).members
  } catch {
    return undefined
  }
}
