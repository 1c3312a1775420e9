/** LangChain's chat models, used the same way whatever provider package stands behind them. */
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk, HumanMessage, SystemMessage } from '@langchain/core/messages'
import type { AIMessage, BaseMessage, UsageMetadata } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import type { StructuredToolInterface } from '@langchain/core/tools'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Acts, Failure, Heard, NotThere, Task } from '#tests/clients/task.ts'

/** What `withStructuredOutput` is told, where the package has several ways. */
export interface LangchainWays {
  model(task: Task): BaseChatModel
  readonly embeddings: ((task: Task) => EmbeddingsInterface) | NotThere
  readonly structuredBy?: 'jsonSchema' | 'functionCalling' | undefined
}

export function langchainActs(ways: LangchainWays): Acts {
  const { embeddings } = ways
  const boundTo = (task: Task) => {
    const model = ways.model(task)
    if (task.tools.length === 0) return model
    if (!model.bindTools) throw new Error('this model binds no tools')
    return model.bindTools([...toolsOf(task)])
  }

  const ask = async (task: Task): Promise<Heard> =>
    heardIn(await boundTo(task).invoke(openingOf(task), callOptions(task)))

  const streamed = async (task: Task, messages: readonly BaseMessage[]): Promise<AIMessageChunk> => {
    let whole: AIMessageChunk | undefined
    for await (const chunk of await boundTo(task).stream([...messages], callOptions(task))) {
      if (!(chunk instanceof AIMessageChunk)) throw new Error('a chunk of another kind')
      if (chunk.text !== '') task.hear(chunk.text)
      whole = whole ? whole.concat(chunk) : chunk
    }
    if (!whole) throw new Error('nothing was streamed')
    return whole
  }

  const structured = async (task: Task): Promise<Heard> => {
    const model = ways.model(task).withStructuredOutput({ title: 'report', ...task.schema } as JsonObject, {
      name: 'report',
      ...(ways.structuredBy ? { method: ways.structuredBy } : {}),
    })
    return { text: '', object: (await model.invoke(openingOf(task))) as JsonValue }
  }

  return {
    ask,
    stream: async (task) => heardIn(await streamed(task, openingOf(task))),
    loop: (task) => runTools(task, (messages) => boundTo(task).invoke([...messages])),
    loopStreamed: (task) => runTools(task, (messages) => streamed(task, messages)),
    structured,
    embed: 'notThere' in embeddings ? embeddings : (task) => embedBy(embeddings(task), task),
  }
}

async function embedBy(embeddings: EmbeddingsInterface, { inputs }: Task): Promise<Heard> {
  return { text: '', vectors: await embeddings.embedDocuments([...inputs]) }
}

const callOptions = ({ signal }: Task) => (signal ? { signal } : {})

const openingOf = ({ system, prompt, image }: Task): BaseMessage[] => [
  new SystemMessage(system),
  new HumanMessage({
    content: image
      ? [
          { type: 'text', text: prompt },
          { type: 'image_url', image_url: { url: `data:${image.mediaType};base64,${image.base64}` } },
        ]
      : prompt,
  }),
]

const toolsOf = (task: Task): readonly StructuredToolInterface[] =>
  task.tools.map(
    ({ name, description, parameters, run }) =>
      tool((input: JsonValue) => run(input), {
        name,
        description,
        schema: { ...parameters },
      }) as StructuredToolInterface,
  )

/** Messages go back as they came; each tool makes its own message of the result. */
async function runTools(
  task: Task,
  reply: (messages: readonly BaseMessage[]) => Promise<AIMessage | AIMessageChunk>,
): Promise<Heard> {
  const tools = toolsOf(task)
  const messages = openingOf(task)
  for (;;) {
    const message = await reply(messages)
    const calls = message.tool_calls ?? []
    if (calls.length === 0) return heardIn(message)
    messages.push(message)
    for (const call of calls) {
      const called = tools.find(({ name }) => name === call.name)
      if (!called) throw new Error(`no tool ${call.name}`)
      messages.push((await called.invoke({ ...call, type: 'tool_call' })) as BaseMessage)
    }
  }
}

function heardIn(message: AIMessage | AIMessageChunk): Heard {
  const usage = message.usage_metadata as UsageMetadata | undefined
  return {
    text: message.text,
    reasoning: thoughtsIn(message),
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    isUnfinished: finishNames.every((name) => message.response_metadata[name] === undefined),
  }
}

/** Why an answer ended, as the packages call it. */
const finishNames = ['finish_reason', 'finishReason', 'stop_reason', 'status'] as const

/** In the standard blocks, in the provider's own blocks, or beside the content: the packages differ. */
function thoughtsIn({
  contentBlocks,
  content,
  additional_kwargs: beside,
}: AIMessage | AIMessageChunk): string {
  const standard = contentBlocks.map((block) => (block.type === 'reasoning' ? block.reasoning : '')).join('')
  if (standard !== '') return standard
  const thoughts = beside['reasoning_content']
  if (typeof thoughts === 'string') return thoughts
  if (typeof content === 'string') return ''
  return content.map((block) => (block.type === 'thinking' ? String(block['thinking']) : '')).join('')
}

/** Why its repetitions are not waited for here. */
export const ownClock =
  'the package waits by a clock of its own, a second and more, whatever the refusal says'

/** LangChain throws the error of the package below it, whose class differs: the name and status are read. */
export function langchainFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) throw thrown
  const members = new Map<string, unknown>(Object.entries(thrown))
  const status = members.get('status') ?? members.get('statusCode')
  return {
    name: thrown.constructor.name,
    status: typeof status === 'number' ? status : undefined,
    message: thrown.message,
  }
}
