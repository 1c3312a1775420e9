/** Vercel's `ai`, used the same way whatever provider package stands behind it. */
import {
  APICallError,
  embedMany,
  generateText,
  isStepCount,
  jsonSchema,
  Output,
  RetryError,
  StreamProviderError,
  streamText,
  tool,
} from 'ai'
import type { EmbeddingModel, LanguageModel, LanguageModelUsage, ModelMessage, ToolSet } from 'ai'
import type { JsonValue } from '#core/domain/json.ts'
import type { Acts, ClientDriver, Failure, Heard, NotThere, Task } from '#tests/clients/task.ts'

// Its warnings about model names that it does not know would fill the output of every run.
globalThis.AI_SDK_LOG_WARNINGS = false

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>

export interface VercelWays {
  model(task: Task): LanguageModel
  readonly embedding: ((task: Task) => EmbeddingModel) | NotThere
  /** How this provider is asked to show its thoughts, beside the common `reasoning`. */
  readonly thinking?: ProviderOptions
  /** Sent with everything. */
  readonly always?: ProviderOptions
}

export function vercelActs(ways: VercelWays): Acts {
  const { embedding } = ways
  const settingsOf = (task: Task) => ({
    model: ways.model(task),
    instructions: task.system,
    maxOutputTokens: 4_000,
    messages: [messageOf(task)],
    ...(task.maxRetries === undefined ? {} : { maxRetries: task.maxRetries }),
    ...(task.signal ? { abortSignal: task.signal } : {}),
    ...(task.isThinkingWanted ? { reasoning: 'medium' as const } : {}),
    ...(task.tools.length === 0 ? {} : { tools: toolsOf(task), stopWhen: isStepCount(4) }),
    providerOptions: { ...ways.always, ...(task.isThinkingWanted ? ways.thinking : {}) },
  })

  const ask = async (task: Task): Promise<Heard> => {
    const result = await generateText(settingsOf(task))
    const { reasoningText: reasoning } = result.finalStep
    return { text: result.text, reasoning, ...tokensOf(result.usage) }
  }

  /** Errors are parts of this stream: an application throws them itself, as the documentation shows. */
  const stream = async (task: Task): Promise<Heard> => {
    const result = streamText({ ...settingsOf(task), onError: () => undefined })
    let text = ''
    let reasoning = ''
    for await (const part of result.stream) {
      if (part.type === 'start-step') text = ''
      if (part.type === 'text-delta') {
        text += part.text
        task.hear(part.text)
      }
      if (part.type === 'reasoning-delta') reasoning += part.text
      if (part.type === 'error') throw part.error
      if (part.type === 'abort') throw new Error('aborted')
    }
    const isUnfinished = (await result.finishReason) === 'error'
    return { text, reasoning, isUnfinished, ...tokensOf(await result.usage) }
  }

  const structured = async (task: Task): Promise<Heard> => {
    const schema = jsonSchema<JsonValue>({ ...task.schema })
    const result = await generateText({ ...settingsOf(task), output: Output.object({ schema }) })
    return { text: result.text, object: result.output }
  }

  return {
    ask,
    stream,
    loop: ask,
    loopStreamed: stream,
    structured,
    embed: 'notThere' in embedding ? embedding : (task) => embedBy(embedding(task), task),
  }
}

async function embedBy(model: EmbeddingModel, { inputs }: Task): Promise<Heard> {
  const { embeddings } = await embedMany({ model, values: [...inputs] })
  return { text: '', vectors: embeddings }
}

const messageOf = ({ prompt, image }: Task): ModelMessage => ({
  role: 'user',
  content: image
    ? [
        { type: 'text', text: prompt },
        { type: 'file', mediaType: image.mediaType, data: image.base64 },
      ]
    : prompt,
})

const toolsOf = (task: Task): ToolSet =>
  Object.fromEntries(
    task.tools.map(({ name, description, parameters, run }) => [
      name,
      tool({
        description,
        inputSchema: jsonSchema<JsonValue>({ ...parameters }),
        execute: (input: JsonValue) => run(input),
      }),
    ]),
  )

const tokensOf = ({ inputTokens, outputTokens }: LanguageModelUsage) => ({ inputTokens, outputTokens })

/** All refusals are of one class; the status tells them apart. */
export const vercelErrorNames = {
  badRequest: 'AI_APICallError',
  unauthorized: 'AI_APICallError',
  notFound: 'AI_APICallError',
  rateLimited: 'AI_APICallError',
  serverError: 'AI_APICallError',
} as const

export function vercelFailure(thrown: unknown): Failure {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown
  if (APICallError.isInstance(error))
    return { name: error.name, status: error.statusCode, message: error.message }
  if (StreamProviderError.isInstance(error)) {
    return { name: error.name, status: error.statusCode, message: error.message }
  }
  throw thrown
}

/** What every client of this family has in common. */
export const vercelErrors: Pick<ClientDriver, 'errorNames' | 'failureOf'> = {
  errorNames: vercelErrorNames,
  failureOf: vercelFailure,
}
