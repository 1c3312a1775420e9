/** The official `cohere-ai` package, version 2 of the API. */
import { CohereClientV2, CohereError } from 'cohere-ai'
import type { Cohere } from 'cohere-ai'
import type { JsonValue } from '#core/domain/json.ts'
import type { ClientDriver, Failure, Heard, Task } from '#tests/clients/task.ts'

const clientOf = ({ address, apiKey }: Task) => new CohereClientV2({ token: apiKey, environment: address })

const optionsOf = ({ maxRetries, signal }: Task) => ({
  ...(maxRetries === undefined ? {} : { maxRetries }),
  ...(signal ? { abortSignal: signal } : {}),
})

const openingOf = ({ system, prompt, image }: Task): Cohere.ChatMessages => [
  { role: 'system', content: system },
  {
    role: 'user',
    content: image
      ? [
          { type: 'text', text: prompt },
          { type: 'image_url', imageUrl: { url: `data:${image.mediaType};base64,${image.base64}` } },
        ]
      : prompt,
  },
]

const questionOf = (task: Task, messages = openingOf(task)): Cohere.V2ChatRequest => ({
  model: task.model,
  messages,
  ...(task.isThinkingWanted ? { thinking: { type: 'enabled' as const, tokenBudget: 2_000 } } : {}),
  ...(task.tools.length === 0
    ? {}
    : {
        tools: task.tools.map(({ name, description, parameters }) => ({
          type: 'function' as const,
          function: { name, description, parameters: { ...parameters } },
        })),
      }),
})

function heardIn({ message, usage }: Cohere.V2ChatResponse): Heard {
  const items = message.content ?? []
  return {
    text: items.map((item) => (item.type === 'text' ? item.text : '')).join(''),
    reasoning: items.map((item) => (item.type === 'thinking' ? item.thinking : '')).join(''),
    inputTokens: usage?.tokens?.inputTokens,
    outputTokens: usage?.tokens?.outputTokens,
  }
}

const ask = async (task: Task): Promise<Heard> =>
  heardIn(await clientOf(task).chat(questionOf(task), optionsOf(task)))

interface Folded extends Heard {
  readonly message: Cohere.AssistantMessageResponse
}

/** The package folds nothing itself: an application joins the events by their index. */
async function folded(client: CohereClientV2, task: Task, question: Cohere.V2ChatRequest): Promise<Folded> {
  let text = ''
  let reasoning = ''
  let toolPlan = ''
  let end: Cohere.ChatMessageEndEventDelta | undefined
  const calls: Cohere.ToolCallV2[] = []
  for await (const event of await client.chatStream(question, optionsOf(task))) {
    if (event.type === 'content-delta') {
      const piece = event.delta?.message?.content
      reasoning += piece?.thinking ?? ''
      text += piece?.text ?? ''
      if (piece?.text) task.hear(piece.text)
    }
    if (event.type === 'tool-plan-delta') toolPlan += event.delta?.message?.toolPlan ?? ''
    if (event.type === 'tool-call-start') calls.push(event.delta?.message?.toolCalls as Cohere.ToolCallV2)
    if (event.type === 'tool-call-delta') {
      const call = calls.at(-1)
      const piece = event.delta?.message?.toolCalls?.function?.arguments ?? ''
      if (call?.function)
        call.function = { ...call.function, arguments: (call.function.arguments ?? '') + piece }
    }
    if (event.type === 'message-end') end = event.delta
  }
  const { inputTokens, outputTokens } = end?.usage?.tokens ?? {}
  return {
    text,
    reasoning,
    inputTokens,
    outputTokens,
    // Errors inside a stream are a finish reason here, and no exception.
    isUnfinished: end === undefined || end.finishReason === 'ERROR',
    message: {
      role: 'assistant',
      ...(calls.length > 0 ? { toolCalls: calls, toolPlan } : {}),
      ...(text === '' && reasoning === '' ? {} : { content: contentOf(reasoning, text) }),
    },
  }
}

const contentOf = (thinking: string, text: string): Cohere.AssistantMessageResponseContentItem[] => [
  ...(thinking === '' ? [] : [{ type: 'thinking' as const, thinking }]),
  ...(text === '' ? [] : [{ type: 'text' as const, text }]),
]

const stream = async (task: Task): Promise<Heard> => folded(clientOf(task), task, questionOf(task))

type Reply = (question: Cohere.V2ChatRequest) => Promise<Folded>

async function runTools(task: Task, reply: Reply): Promise<Heard> {
  const messages = [...openingOf(task)]
  for (;;) {
    const heard = await reply(questionOf(task, messages))
    const { toolCalls = [] } = heard.message
    if (toolCalls.length === 0) return heard
    messages.push(heard.message)
    for (const { id = '', function: called } of toolCalls) {
      const tool = task.tools.find(({ name }) => name === called?.name)
      const content = tool?.run(JSON.parse(called?.arguments || '{}') as JsonValue) ?? 'no such tool'
      messages.push({ role: 'tool', toolCallId: id, content })
    }
  }
}

async function loop(task: Task): Promise<Heard> {
  const client = clientOf(task)
  return runTools(task, async (question) => {
    const response = await client.chat(question, optionsOf(task))
    return { ...heardIn(response), message: response.message }
  })
}

async function loopStreamed(task: Task): Promise<Heard> {
  const client = clientOf(task)
  return runTools(task, (question) => folded(client, task, question))
}

async function structured(task: Task): Promise<Heard> {
  const response = await clientOf(task).chat(
    { ...questionOf(task), responseFormat: { type: 'json_object', jsonSchema: { ...task.schema } } },
    optionsOf(task),
  )
  const { text } = heardIn(response)
  return { text, object: JSON.parse(text) as JsonValue }
}

async function embed(task: Task): Promise<Heard> {
  const { embeddings } = await clientOf(task).embed(
    {
      model: task.model,
      texts: [...task.inputs],
      inputType: 'search_document',
      embeddingTypes: ['float'],
    },
    optionsOf(task),
  )
  return { text: '', vectors: embeddings.float }
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof CohereError)) throw thrown
  return { name: thrown.constructor.name, status: thrown.statusCode, message: thrown.message }
}

export const cohere: ClientDriver = {
  title: 'cohere-ai',
  door: 'cohere',
  packages: ['cohere-ai'],
  acts: { ask, stream, loop, loopStreamed, structured, embed },
  errorNames: {
    badRequest: 'BadRequestError',
    unauthorized: 'UnauthorizedError',
    notFound: 'NotFoundError',
    rateLimited: 'TooManyRequestsError',
    // The package has no class for 502.
    serverError: 'CohereError',
  },
  failureOf,
  limits: {
    retries: 'the client waits by a clock of its own, a second and more, whatever the refusal says',
    cutStream: 'the client throws nothing; the last event says `finish_reason: ERROR`',
  },
}
