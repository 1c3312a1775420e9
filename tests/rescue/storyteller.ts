// A provider of every API that tells one story, breaks off where it is told to, and goes on where it is asked to.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Dialect } from '#core/domain/chat.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { storyFrames } from './story-frames.ts'

export const story =
  'Once upon a time a signalman lived beside the line. Every evening he lit eleven lamps, and counted the trains ' +
  'that went by: seven before supper, four behind it. “One night”, he said, an eighth came – without any lights at ' +
  'all. 他看着它驶过。\n\nNobody believed him, until the snow showed where its wheels had been.'

/** How an answer breaks off: its body ends without the API's ending, or its connection does. */
export type BreakKind = 'ended' | 'cut'

export interface StoryPlan {
  /** How many characters come before the break; undefined tells the story to its end. */
  readonly breakAfter: number | undefined
  readonly how?: BreakKind
  /** The same for those who are asked to go on, counted from where they begin. */
  readonly laterBreakAfter?: number
  /** How many characters are repeated by one that goes on by itself. */
  readonly overlap?: number
  /** Instead of the story, for those who are asked to go on. */
  readonly otherWords?: string
  /** Resolves when the break, or the answer of one that goes on, may come. */
  readonly mayBreak?: Promise<void>
}

export interface ToldCall {
  readonly dialect: Dialect
  readonly bodyText: string
  /** The characters that were told, and the bill for them. */
  readonly told: string
  readonly isContinuation: boolean
  readonly input: number
  readonly output: number
}

export interface Storyteller {
  baseUrl(dialect: Dialect): string
  /** For every call from now on. */
  plan(plan: StoryPlan): void
  calls(): readonly ToldCall[]
  close(): Promise<void>
}

const pieceCharacters = 9
const prefixes: readonly (readonly [string, Dialect])[] = [
  ['/chat/completions', 'openai-chat'],
  ['/responses', 'openai-responses'],
  ['/messages', 'anthropic-messages'],
  ['/models/', 'gemini-generate'],
  ['/chat', 'cohere-chat'],
]

export async function openStoryteller(): Promise<Storyteller> {
  let plan: StoryPlan = { breakAfter: undefined }
  let calls: ToldCall[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let bodyText = ''
    for await (const piece of request.setEncoding('utf8')) bodyText += String(piece)
    const dialect = prefixes.find(([path]) => request.url?.includes(path))?.[1] ?? 'openai-chat'
    const telling = tellingOf(plan, JSON.parse(bodyText) as JsonValue)
    const input = 50 + calls.length
    const output = Math.ceil(telling.text.length / 4)
    calls.push({
      dialect,
      bodyText,
      told: telling.text,
      isContinuation: telling.isContinuation,
      input,
      output,
    })
    const frames = storyFrames[dialect]({
      id: `up_${calls.length}`,
      model: 'told-by-somebody',
      isUsageWanted: bodyText.includes('"include_usage":true'),
    })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let rest = telling.text
    let written = frames.opening
    while (rest !== '') {
      written += frames.piece(rest.slice(0, pieceCharacters))
      rest = rest.slice(pieceCharacters)
      if (rest.length <= pieceCharacters) {
        response.write(written)
        written = ''
        await plan.mayBreak
      }
    }
    if (!telling.isBroken) response.end(written + frames.ending(telling.text, { input, output }))
    else if (plan.how === 'cut') response.write(written, () => response.destroy())
    else response.end(written)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    baseUrl: (dialect) =>
      dialect === 'gemini-generate'
        ? `${origin}/v1beta`
        : dialect === 'cohere-chat'
          ? `${origin}/v2`
          : `${origin}/v1`,
    plan(next) {
      plan = next
      calls = []
    },
    calls: () => calls,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function tellingOf(plan: StoryPlan, body: JsonValue) {
  const said = textsIn(body)
  const shown = said
    .filter((text) => text.length >= 4 && story.startsWith(text))
    .reduce((longest, text) => (text.length > longest.length ? text : longest), '')
  if (shown === '') {
    const text = story.slice(0, plan.breakAfter)
    return { text, isBroken: plan.breakAfter !== undefined, isContinuation: false }
  }
  const anchor = said
    .map((text) => /\n-----\n([^]*)\n-----$/.exec(text)?.[1])
    .find((found) => found !== undefined)
  const from = shown.length - (anchor?.length ?? Math.min(shown.length, plan.overlap ?? 0))
  const whole = plan.otherWords ?? story.slice(from)
  const text = whole.slice(0, plan.laterBreakAfter)
  return { text, isBroken: plan.laterBreakAfter !== undefined, isContinuation: true }
}

function textsIn(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap((inner) => textsIn(inner as JsonValue))
}
