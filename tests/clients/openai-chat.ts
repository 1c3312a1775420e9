/** The official `openai` package, chat.completions. */
import OpenAI from 'openai'
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat'
import type { JsonValue } from '#core/domain/json.ts'
import type { ClientDriver, Failure, Heard, Task } from '#tests/clients/task.ts'

const clientOf = ({ address, apiKey, maxRetries }: Task) =>
  new OpenAI({ baseURL: `${address}/v1`, apiKey, ...(maxRetries === undefined ? {} : { maxRetries }) })

const openingOf = ({ system, prompt, image }: Task): ChatCompletionMessageParam[] => [
  { role: 'system', content: system },
  {
    role: 'user',
    content: image
      ? [
          { type: 'text', text: prompt },
          { type: 'image_url', image_url: { url: `data:${image.mediaType};base64,${image.base64}` } },
        ]
      : prompt,
  },
]

const questionOf = (task: Task, messages = openingOf(task)): ChatCompletionCreateParamsNonStreaming => ({
  model: task.model,
  messages,
  ...(task.isThinkingWanted ? { reasoning_effort: 'medium' as const } : {}),
  ...(task.tools.length === 0
    ? {}
    : {
        tools: task.tools.map(({ name, description, parameters }) => ({
          type: 'function' as const,
          function: { name, description, parameters, strict: true },
        })),
      }),
})

/** Members that the package's types do not know are read by name: it hands them out untouched. */
const memberOf = (value: object | undefined, name: string): unknown =>
  new Map(Object.entries(value ?? {})).get(name)

function heardIn({ choices, usage }: OpenAI.ChatCompletion): Heard {
  const message = choices[0]?.message
  const thoughts = memberOf(message, 'reasoning_content')
  return {
    text: message?.content ?? '',
    reasoning: typeof thoughts === 'string' ? thoughts : undefined,
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
  }
}

const ask = async (task: Task): Promise<Heard> =>
  heardIn(await clientOf(task).chat.completions.create(questionOf(task)))

async function stream(task: Task): Promise<Heard> {
  const chunks = await clientOf(task).chat.completions.create(
    { ...questionOf(task), stream: true, stream_options: { include_usage: true } },
    { signal: task.signal },
  )
  let text = ''
  let reasoning = ''
  let usage: OpenAI.CompletionUsage | undefined
  for await (const chunk of chunks) {
    const delta = chunk.choices[0]?.delta
    const thought = memberOf(delta, 'reasoning_content')
    if (typeof thought === 'string') reasoning += thought
    if (delta?.content) {
      text += delta.content
      task.hear(delta.content)
    }
    usage = chunk.usage ?? usage
  }
  return { text, reasoning, inputTokens: usage?.prompt_tokens, outputTokens: usage?.completion_tokens }
}

type Complete = (
  client: OpenAI,
  question: ChatCompletionCreateParamsNonStreaming,
) => Promise<OpenAI.ChatCompletion>

/** The loop of the package's README: the message goes back as it came, then one message for every result. */
async function runTools(task: Task, complete: Complete): Promise<Heard> {
  const client = clientOf(task)
  const messages = openingOf(task)
  for (;;) {
    const completion = await complete(client, questionOf(task, messages))
    const message = completion.choices[0]?.message
    if (!message?.tool_calls?.length) return heardIn(completion)
    messages.push(message)
    for (const call of message.tool_calls) {
      if (call.type !== 'function') throw new Error(`a call of another kind: ${call.type}`)
      const tool = task.tools.find(({ name }) => name === call.function.name)
      const content = tool?.run(JSON.parse(call.function.arguments) as JsonValue) ?? 'no such tool'
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

const loop = async (task: Task): Promise<Heard> =>
  runTools(task, (client, question) => client.chat.completions.create(question))

/** `.stream()` checks the order of the chunks and folds them into a message. */
const loopStreamed = async (task: Task): Promise<Heard> =>
  runTools(task, (client, question) =>
    client.chat.completions.stream({ ...question, stream: true }).finalChatCompletion(),
  )

async function structured(task: Task): Promise<Heard> {
  const completion = await clientOf(task).chat.completions.parse({
    ...questionOf(task),
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'report', strict: true, schema: { ...task.schema } },
    },
  })
  return { ...heardIn(completion), object: completion.choices[0]?.message.parsed as JsonValue }
}

async function embed(task: Task): Promise<Heard> {
  const { data } = await clientOf(task).embeddings.create({ model: task.model, input: [...task.inputs] })
  return { text: '', vectors: data.map(({ embedding }) => embedding) }
}

export const openaiErrorNames = {
  badRequest: 'BadRequestError',
  unauthorized: 'AuthenticationError',
  notFound: 'NotFoundError',
  rateLimited: 'RateLimitError',
  serverError: 'InternalServerError',
} as const

export function openaiFailure(thrown: unknown): Failure {
  if (!(thrown instanceof OpenAI.APIError)) throw thrown
  const status: unknown = thrown.status
  return {
    name: thrown.constructor.name,
    status: typeof status === 'number' ? status : undefined,
    message: thrown.message,
  }
}

export const openaiChat: ClientDriver = {
  title: 'openai, chat.completions and embeddings',
  door: 'openai-chat',
  packages: ['openai'],
  acts: { ask, stream, loop, loopStreamed, structured, embed },
  errorNames: openaiErrorNames,
  failureOf: openaiFailure,
}
