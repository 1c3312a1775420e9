/** What the double plays for each feature of each target, and what must be heard of it. */
import type { Dialect } from '#core/domain/chat.ts'
import { asArray } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import { notThere } from '#tests/clients/task.ts'
import type { NotThere } from '#tests/clients/task.ts'
import type { TargetName } from '#tests/clients/targets.ts'
import { toldAsStream } from '#tests/clients/told-as-stream.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'

/** The answers in turn; a loop of tools has several. */
export type Scene = readonly Recording[] | NotThere

/** The kinds of scenes; several features play the same one. */
export type SceneName =
  | 'text'
  | 'stream'
  | 'tools'
  | 'streamedTools'
  | 'parallelTools'
  | 'streamedParallelTools'
  | 'image'
  | 'structured'
  | 'reasoning'
  | 'streamedReasoning'
  | 'thoughtsReturned'
  | 'long'

/** By the end of each recording's name, which is unique. */
type Script = Readonly<Record<SceneName, readonly string[] | NotThere>>

const noThoughts = notThere("OpenAI's Chat Completions counts thoughts but does not tell them")

const scripts: Readonly<Record<TargetName, Script>> = {
  'openai-chat': {
    text: ['b4821dc8'],
    stream: ['29b79920'],
    tools: ['338edccc', '17ab9c3d'],
    streamedTools: ['5d77ab62', '29b79920'],
    parallelTools: ['44cbf65b', '4bc53599'],
    streamedParallelTools: ['de581ec8', '29b79920'],
    image: ['cc34c76a'],
    structured: ['f122fa39'],
    reasoning: noThoughts,
    streamedReasoning: noThoughts,
    thoughtsReturned: noThoughts,
    long: ['4848b450'],
  },
  'openai-responses': {
    text: ['5280634d'],
    stream: ['432ec895'],
    tools: ['1f7f0dde', 'bb343881'],
    streamedTools: ['1946e974', '3e9873a7'],
    parallelTools: ['75f2fc89', '8a8752fa'],
    streamedParallelTools: ['~75f2fc89', '3e9873a7'],
    image: ['5a905c85'],
    structured: ['17b5ab67'],
    reasoning: ['765ab848'],
    streamedReasoning: ['~765ab848'],
    thoughtsReturned: ['1f7f0dde', 'bb343881'],
    long: ['432ec895'],
  },
  'anthropic-messages': {
    text: ['4be142bb'],
    stream: ['68e57723'],
    tools: ['3b44237d', 'f7d4f353'],
    streamedTools: ['2f6bf4b7', '68e57723'],
    parallelTools: ['681c1aa7', 'f7d4f353'],
    streamedParallelTools: ['~681c1aa7', '68e57723'],
    image: ['21fccf15'],
    structured: ['f252b847'],
    reasoning: ['89cbd130'],
    streamedReasoning: ['28578ca9'],
    thoughtsReturned: ['ece5dd22', 'f803b198'],
    long: ['68e57723'],
  },
  'gemini-generate': {
    text: ['c0ec80cc'],
    stream: ['5c837769'],
    tools: ['1cfa80b3', '8ebbf2ba'],
    streamedTools: ['8575913e', '4857ab63'],
    parallelTools: ['20636f87', '9302c2cf'],
    streamedParallelTools: ['~20636f87', '4857ab63'],
    image: ['0b8242d6'],
    structured: ['32ada2c1'],
    reasoning: ['76c48602'],
    streamedReasoning: ['~76c48602'],
    thoughtsReturned: ['076c2d02', '85747347'],
    long: ['5c837769'],
  },
  'cohere-chat': {
    text: ['8aad24cb'],
    stream: ['fe6b6eee'],
    tools: ['1f442a88', '61dea7ca'],
    streamedTools: ['e5cf0f6b', '77bd0fcb'],
    parallelTools: ['0d945689', '61dea7ca'],
    streamedParallelTools: ['d2a8d511', '77bd0fcb'],
    image: ['6b809061'],
    structured: ['856ffd00'],
    reasoning: ['70390e95'],
    streamedReasoning: ['~70390e95'],
    thoughtsReturned: notThere('Cohere gives its thoughts no tokens that would have to come back'),
    long: ['fe6b6eee'],
  },
  mistral: {
    text: ['ac259a7a'],
    stream: ['b2caae5a'],
    tools: ['138568e1', 'd64fa298'],
    streamedTools: ['86ce2a0e', 'b5b650ad'],
    parallelTools: ['9ed6bcda', 'e352b874'],
    streamedParallelTools: ['~9ed6bcda', 'b5b650ad'],
    image: ['5ff06520'],
    structured: ['49079957'],
    reasoning: ['21ce2400'],
    streamedReasoning: ['7f1830c2'],
    thoughtsReturned: notThere('Mistral gives its thoughts no tokens that would have to come back'),
    long: ['b5b650ad'],
  },
}

const recordings = new Map<Dialect, readonly Recording[]>()

/** The recordings of one scene. A name that begins with `~` is told as a stream. */
export function sceneOf(target: TargetName, dialect: Dialect, name: SceneName): Scene {
  const script = scripts[target][name]
  if ('notThere' in script) return script
  return script.map((hint) => {
    const isTold = hint.startsWith('~')
    const recording = recordingBy(dialect, isTold ? hint.slice(1) : hint)
    return isTold ? toldAsStream(target, recording) : recording
  })
}

/** The scenes of a target that begin with an answer told as a stream. */
export const toldScenes = (target: TargetName): readonly SceneName[] =>
  (Object.entries(scripts[target]) as [SceneName, readonly string[] | NotThere][]).flatMap(([name, script]) =>
    !('notThere' in script) && script[0]?.startsWith('~') === true ? [name] : [],
  )

function recordingBy(dialect: Dialect, ending: string): Recording {
  let known = recordings.get(dialect)
  if (!known) recordings.set(dialect, (known = readGoldenRecordings(dialect)))
  const found = known.filter(({ name }) => name.endsWith(ending))
  const [recording] = found
  if (!recording || found.length > 1)
    throw new Error(`${found.length} recordings of ${dialect} end in ${ending}`)
  return recording
}

/** Which scene a feature plays. Errors that the gateway itself gives play none. */
export const sceneNames: Readonly<Partial<Record<FeatureName, SceneName>>> = {
  text: 'text',
  stream: 'stream',
  tools: 'tools',
  streamedTools: 'streamedTools',
  parallelTools: 'parallelTools',
  streamedParallelTools: 'streamedParallelTools',
  image: 'image',
  structured: 'structured',
  reasoning: 'reasoning',
  streamedReasoning: 'streamedReasoning',
  thoughtsReturned: 'thoughtsReturned',
  badRequest: 'text',
  rateLimited: 'text',
  serverError: 'text',
  retries: 'text',
  cutStream: 'long',
  abort: 'long',
}

/** A closed object schema that the value fits, with every member required. */
export function schemaOf(value: JsonValue): JsonObject {
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' }
  if (typeof value === 'string' || typeof value === 'boolean') return { type: typeof value }
  if (value === null) return { type: 'null' }
  if (Array.isArray(value)) return { type: 'array', items: schemaOf(asArray(value)[0] ?? 'text') }
  const members = Object.entries(value as JsonObject)
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, inner]) => [name, schemaOf(inner ?? null)])),
    required: members.map(([name]) => name),
    additionalProperties: false,
  }
}
