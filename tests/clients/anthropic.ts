/** The official `@anthropic-ai/sdk` package. */
import Anthropic from '@anthropic-ai/sdk'
import type {
  ContentBlock,
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import type { JsonValue } from '#core/domain/json.ts'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver, Failure, Heard, Task } from '#tests/clients/task.ts'

const clientOf = ({ address, apiKey, maxRetries }: Task) =>
  new Anthropic({ baseURL: address, apiKey, ...(maxRetries === undefined ? {} : { maxRetries }) })

const openingOf = ({ prompt, image }: Task): MessageParam[] => [
  {
    role: 'user',
    content: image
      ? [
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: image.base64 },
          },
          { type: 'text', text: prompt },
        ]
      : prompt,
  },
]

const questionOf = (task: Task, messages = openingOf(task)): MessageCreateParamsNonStreaming => ({
  model: task.model,
  max_tokens: 4_000,
  system: task.system,
  messages,
  ...(task.isThinkingWanted ? { thinking: { type: 'enabled' as const, budget_tokens: 2_000 } } : {}),
  ...(task.tools.length === 0
    ? {}
    : {
        tools: task.tools.map(({ name, description, parameters }) => ({
          name,
          description,
          input_schema: { ...parameters, type: 'object' as const },
        })),
      }),
})

const joined = (blocks: readonly ContentBlock[], read: (block: ContentBlock) => string): string =>
  blocks.map(read).join('')

function heardIn({ content, usage }: Message): Heard {
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)
  return {
    text: joined(content, (block) => (block.type === 'text' ? block.text : '')),
    reasoning: joined(content, (block) => (block.type === 'thinking' ? block.thinking : '')),
    inputTokens: usage.input_tokens + cached,
    outputTokens: usage.output_tokens,
  }
}

const ask = async (task: Task): Promise<Heard> =>
  heardIn(await clientOf(task).messages.create(questionOf(task)))

/** The helper checks the order of events and throws when the message never stops; the raw iterator would not. */
async function stream(task: Task): Promise<Heard> {
  const messages = clientOf(task).messages.stream(questionOf(task), { signal: task.signal })
  messages.on('text', (text) => task.hear(text))
  return heardIn(await messages.finalMessage())
}

type Reply = (client: Anthropic, question: MessageCreateParamsNonStreaming) => Promise<Message>

async function runTools(task: Task, reply: Reply): Promise<Heard> {
  const client = clientOf(task)
  const messages = openingOf(task)
  let reasoning = ''
  for (;;) {
    const message = await reply(client, questionOf(task, messages))
    const heard = heardIn(message)
    reasoning ||= heard.reasoning ?? ''
    if (message.stop_reason !== 'tool_use') return { ...heard, reasoning }
    messages.push({ role: 'assistant', content: message.content })
    const results = message.content.flatMap((block): ToolResultBlockParam[] => {
      if (block.type !== 'tool_use') return []
      const tool = task.tools.find(({ name }) => name === block.name)
      const content = tool?.run(block.input as JsonValue) ?? 'no such tool'
      return [{ type: 'tool_result', tool_use_id: block.id, content }]
    })
    messages.push({ role: 'user', content: results })
  }
}

const loop = async (task: Task): Promise<Heard> =>
  runTools(task, (client, question) => client.messages.create(question))

const loopStreamed = async (task: Task): Promise<Heard> =>
  runTools(task, (client, question) => client.messages.stream(question).finalMessage())

async function structured(task: Task): Promise<Heard> {
  const message = await clientOf(task).messages.parse({
    ...questionOf(task),
    output_config: { format: { type: 'json_schema', schema: { ...task.schema } } },
  })
  const { text } = heardIn(message)
  return { text, object: JSON.parse(text) as JsonValue }
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Anthropic.APIError)) throw thrown
  return {
    name: thrown.constructor.name,
    status: thrown.status as number | undefined,
    message: thrown.message,
  }
}

export const anthropic: ClientDriver = {
  title: '@anthropic-ai/sdk',
  door: 'anthropic',
  packages: ['@anthropic-ai/sdk'],
  acts: { ask, stream, loop, loopStreamed, structured, embed: notThere('Anthropic has no embeddings') },
  errorNames: {
    badRequest: 'BadRequestError',
    unauthorized: 'AuthenticationError',
    notFound: 'NotFoundError',
    rateLimited: 'RateLimitError',
    serverError: 'InternalServerError',
  },
  failureOf,
}
