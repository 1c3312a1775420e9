/** One fault at one target, met by one question at one door, with a fallback or without. */
import type { Dialect } from '#core/domain/chat.ts'
import { asObject, parseJson } from '#core/domain/json.ts'
import type { FaultDoor } from '#tests/faults/fault-doors.ts'
import { bareTextDoor } from '#tests/faults/fault-doors.ts'
import { expectationOf } from '#tests/faults/fault-mode.ts'
import type { Expectation, FaultMode, Material } from '#tests/faults/fault-mode.ts'
import {
  fallbackModel,
  markedPrompt,
  materialOf,
  poolKeys,
  targetModel,
  targetWords,
} from '#tests/faults/fault-stage.ts'
import type { FaultWorld } from '#tests/faults/fault-stage.ts'
import { dialects } from '#tests/support/adapters.ts'

export interface FaultCase {
  /** By which its request, its play and its rows meet. */
  readonly mark: string
  readonly mode: FaultMode
  /** Of the target. */
  readonly dialect: Dialect
  readonly door: FaultDoor
  /** The request names a fallback. */
  readonly isArmed: boolean
}

/** What the caller was given. */
export interface Shown {
  readonly status: number
  readonly type: string
  readonly text: string
  /** The connection broke before the answer was over. */
  readonly isCut: boolean
}

export const caseName = ({ mode, dialect, door, isArmed }: FaultCase): string =>
  `${mode.name}, ${dialect} at ${door.name}${isArmed ? ', with a fallback' : ''}`

export const materialOfCase = ({ dialect, door }: FaultCase): Material =>
  materialOf(dialect, door.kind, targetWords)

export const expectationOfCase = (one: FaultCase): Expectation => expectationOf(one.mode, materialOfCase(one))

/** The fallback speaks another dialect than the target. */
export const fallbackDialect = (dialect: Dialect): Dialect =>
  dialects[(dialects.indexOf(dialect) + 1) % dialects.length] ?? 'openai-chat'

/** What a question is asked with, whatever its target does. */
export type AskedCase = Pick<FaultCase, 'mark' | 'dialect' | 'door' | 'isArmed'> & { readonly model: string }

/** Where a question is asked, and how its target is told what to do. */
export interface FaultDoorstep extends Pick<FaultWorld, 'play'> {
  readonly house: { readonly address: string }
  /** Left out, connections are kept for the next question. */
  readonly connection?: 'close'
}

/** Sets the target's play, asks, and takes in whatever comes until it is over. */
export async function meetFault(
  stage: FaultDoorstep,
  one: FaultCase,
  signal: AbortSignal,
  onPiece: () => void = () => {},
): Promise<Shown> {
  const { mark, mode, dialect } = one
  const reader = Promise.withResolvers<void>()
  const strikesKey = mode.strikesFirstKeyAlone === true ? poolKeys.POOL_FIRST_KEY : undefined
  stage.play(mark, { steps: mode.wire(materialOfCase(one)), readerBegan: reader.promise, strikesKey })
  const model = targetModel(dialect, mode.place)
  try {
    const began = () => {
      reader.resolve()
      onPiece()
    }
    return await meetAnswer(stage, { ...one, model }, { signal, began })
  } finally {
    reader.resolve()
  }
}

/** `began` is called with each piece of an answer. */
export async function meetAnswer(
  { house, connection }: Omit<FaultDoorstep, 'play'>,
  { mark, dialect, door, isArmed, model }: AskedCase,
  { signal, began = () => {} }: { readonly signal?: AbortSignal; readonly began?: () => void } = {},
): Promise<Shown> {
  const response = await fetch(house.address + door.path(model), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': mark,
      accept: door.name === bareTextDoor ? 'text/plain' : 'text/event-stream, application/json',
      'anthropic-version': '2023-06-01',
      ...(connection ? { connection } : {}),
      ...(isArmed ? { 'x-signalbox-fallbacks': fallbackModel(fallbackDialect(dialect)) } : {}),
    },
    body: JSON.stringify(door.body(model, markedPrompt(mark))),
    signal: signal ?? null,
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, ...(await readAll(response, began)) }
}

async function readAll(response: Response, began: () => void): Promise<Pick<Shown, 'text' | 'isCut'>> {
  const pieces: Uint8Array[] = []
  let isCut = false
  try {
    const reader = response.body?.getReader()
    for (;;) {
      const piece = await reader?.read()
      if (!piece || piece.done) break
      pieces.push(piece.value as Uint8Array)
      began()
    }
  } catch {
    isCut = true
  }
  return { text: Buffer.concat(pieces).toString(), isCut }
}

/** What the caller takes the answer for. */
export interface Understood {
  /** `open`: ended without a word about whether that was all. */
  readonly as: 'answer' | 'refusal' | 'break' | 'open'
  readonly words: string
}

export function understand(
  { door }: Pick<FaultCase, 'door'>,
  { status, type, text, isCut }: Shown,
): Understood {
  if (status !== 200) return { as: isRefusal(type, text) ? 'refusal' : 'open', words: '' }
  if (door.kind === 'whole') {
    const body = asObject(parseJson(text))
    return { as: body && !isCut ? 'answer' : 'open', words: body ? door.wholeText(body) : '' }
  }
  const { text: words, ending } = door.readStream(text)
  if (door.name === bareTextDoor) return { as: isCut ? 'break' : 'answer', words }
  if (ending === 'broken') return { as: 'break', words }
  return { as: ending === 'whole' && !isCut ? 'answer' : 'open', words }
}

/** Every API's error is JSON and says something. */
function isRefusal(type: string, text: string): boolean {
  const body = asObject(parseJson(text)) ?? asObject((parseJson(text) as readonly unknown[] | undefined)?.[0])
  return type.startsWith('application/json') && (body?.['error'] ?? body?.['message']) !== undefined
}
