/** The official `openai` package, responses. */
import OpenAI from 'openai'
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInput,
  ResponseInputItem,
} from 'openai/resources/responses/responses'
import type { JsonValue } from '#core/domain/json.ts'
import { openaiErrorNames, openaiFailure } from '#tests/clients/openai-chat.ts'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver, Heard, Task } from '#tests/clients/task.ts'

const clientOf = ({ address, apiKey, maxRetries }: Task) =>
  new OpenAI({ baseURL: `${address}/v1`, apiKey, ...(maxRetries === undefined ? {} : { maxRetries }) })

const openingOf = ({ prompt, image }: Task): ResponseInput => [
  {
    role: 'user',
    content: image
      ? [
          { type: 'input_text', text: prompt },
          {
            type: 'input_image',
            detail: 'auto',
            image_url: `data:${image.mediaType};base64,${image.base64}`,
          },
        ]
      : prompt,
  },
]

/** Nothing is kept at the provider, so thoughts come back as encrypted items. */
const questionOf = (task: Task, input = openingOf(task)): ResponseCreateParamsNonStreaming => ({
  model: task.model,
  instructions: task.system,
  input,
  store: false,
  include: ['reasoning.encrypted_content'],
  ...(task.isThinkingWanted ? { reasoning: { effort: 'medium' as const, summary: 'auto' as const } } : {}),
  ...(task.tools.length === 0
    ? {}
    : {
        tools: task.tools.map(({ name, description, parameters }) => ({
          type: 'function' as const,
          name,
          description,
          parameters: { ...parameters },
          strict: true,
        })),
      }),
})

/** Summaries, or the thoughts themselves where a model shows them. */
const thoughtsIn = ({ output }: Response): string =>
  output
    .flatMap((item) => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])] : []))
    .map(({ text }) => text)
    .join('')

/** `output_text` is the package's own addition, which the events of a stream do not have. */
const textIn = ({ output }: Response): string =>
  output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('')

const heardIn = (response: Response): Heard => ({
  text: textIn(response),
  reasoning: thoughtsIn(response),
  inputTokens: response.usage?.input_tokens,
  outputTokens: response.usage?.output_tokens,
})

const ask = async (task: Task): Promise<Heard> =>
  heardIn(await clientOf(task).responses.create(questionOf(task)))

/** The raw iterator does not throw on `response.failed`, so a reader looks at the last event's type. */
async function stream(task: Task): Promise<Heard> {
  const events = await clientOf(task).responses.create(
    { ...questionOf(task), stream: true },
    { signal: task.signal },
  )
  let text = ''
  let reasoning = ''
  let whole: Response | undefined
  for await (const event of events) {
    if (event.type === 'response.output_text.delta') {
      text += event.delta
      task.hear(event.delta)
    }
    if (event.type === 'response.reasoning_text.delta') reasoning += event.delta
    if (event.type === 'response.reasoning_summary_text.delta') reasoning += event.delta
    if (event.type === 'response.completed') whole = event.response
  }
  const { usage } = whole ?? {}
  const counted = { inputTokens: usage?.input_tokens, outputTokens: usage?.output_tokens }
  return { text, reasoning, ...counted, isUnfinished: whole === undefined }
}

type Respond = (client: OpenAI, question: ResponseCreateParamsNonStreaming) => Promise<Response>

/** Every item goes back as it came, then one output for every call. */
async function runTools(task: Task, respond: Respond): Promise<Heard> {
  const client = clientOf(task)
  const input = openingOf(task)
  for (;;) {
    const response = await respond(client, questionOf(task, input))
    const calls = response.output.filter((item) => item.type === 'function_call')
    if (calls.length === 0) return heardIn(response)
    input.push(...(response.output as ResponseInputItem[]))
    for (const { call_id, name, arguments: text } of calls) {
      const tool = task.tools.find((one) => one.name === name)
      const output = tool?.run(JSON.parse(text) as JsonValue) ?? 'no such tool'
      input.push({ type: 'function_call_output', call_id, output })
    }
  }
}

const loop = async (task: Task): Promise<Heard> =>
  runTools(task, (client, question) => client.responses.create(question))

/** `.stream()` checks the order of the events. Its own `finalResponse()` has members that OpenAI refuses to get back. */
const loopStreamed = async (task: Task): Promise<Heard> =>
  runTools(task, async (client, question) => {
    let whole: Response | undefined
    for await (const event of client.responses.stream({ ...question, stream: true })) {
      if (event.type === 'response.completed') whole = event.response
    }
    if (!whole) throw new Error('the stream ended without a response')
    return whole
  })

async function structured(task: Task): Promise<Heard> {
  const response = await clientOf(task).responses.parse({
    ...questionOf(task),
    text: { format: { type: 'json_schema', name: 'report', strict: true, schema: { ...task.schema } } },
  })
  return { text: response.output_text, object: response.output_parsed as JsonValue }
}

export const openaiResponses: ClientDriver = {
  title: 'openai, responses',
  door: 'openai-responses',
  packages: ['openai'],
  acts: {
    ask,
    stream,
    loop,
    loopStreamed,
    structured,
    embed: notThere('the same class as beside chat.completions'),
  },
  errorNames: openaiErrorNames,
  failureOf: openaiFailure,
}
