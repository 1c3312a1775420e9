/** The errands of the stage: what a client is given to ask, made from what the double will answer. */
import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { asObject } from '#core/domain/json.ts'
import type { Trial } from '#tests/clients/cell.ts'
import { schemaOf } from '#tests/clients/scenes.ts'
import type { Task, TaskTool } from '#tests/clients/task.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import type { Recording } from '#tests/support/recording.ts'

export const system = 'Answer in the manner of a signalman, briefly.'
export const prompt = 'What is the state of line 7, and is platform 2 free? \u{1F682} \u00fc'

/** One call as the client ran it. */
export interface RunCall {
  readonly name: string
  readonly input: JsonValue
}

export interface Errand {
  readonly task: Task
  /** Filled while the client works. */
  readonly ran: RunCall[]
  readonly pieces: string[]
}

const [imageHead = '', imageBase64 = ''] = tinyImages.png.split(',')
export const image = { mediaType: imageHead.slice(5, imageHead.indexOf(';')), base64: imageBase64 }

/** A plain question; `more` says what is different. */
export function errandOf({ stage, target, recordings }: Trial, more: Partial<Task> = {}): Errand {
  const ran: RunCall[] = []
  const pieces: string[] = []
  const hear = more.hear
  const task: Task = {
    address: stage.address,
    apiKey: stage.apiKey,
    model: target.model,
    system,
    prompt,
    isThinkingWanted: false,
    tools: toolsOf(recordings, ran),
    inputs: [],
    maxRetries: 0,
    ...more,
    hear(text) {
      pieces.push(text)
      hear?.(text)
    },
  }
  return { task, ran, pieces }
}

/** Every tool that the recorded answers call, with a schema that fits the recorded arguments. */
function toolsOf(recordings: readonly Recording[], ran: RunCall[]): readonly TaskTool[] {
  const tools = new Map<string, TaskTool>()
  for (const { name, arguments: input = {} } of recordings.flatMap(({ expect }) => expect.toolCalls ?? [])) {
    if (tools.has(name)) continue
    tools.set(name, {
      name,
      description: `Looks up ${name}.`,
      parameters: schemaOf(asObject(input) ?? {}),
      run(given) {
        ran.push({ name, input: given })
        return resultOf(name, given)
      },
    })
  }
  return [...tools.values()]
}

/** The result that belongs to these arguments alone, in letters that no form of JSON escapes. */
export function resultOf(name: string, input: JsonValue): string {
  const digest = createHash('sha256').update(canonical(input)).digest('hex').slice(0, 12)
  return `${name} found ${digest}`
}

/** The same text for the same value, in whatever order its members stand. */
export function canonical(value: JsonValue | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const members = Object.entries(value as JsonObject).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`
}
