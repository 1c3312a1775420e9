/** The official `@google/genai` package. */
import { ApiError, FinishReason, GoogleGenAI } from '@google/genai'
import type { Content, GenerateContentConfig, GenerateContentResponse, Part } from '@google/genai'
import type { JsonValue } from '#core/domain/json.ts'
import type { ClientDriver, Failure, Heard, Task } from '#tests/clients/task.ts'

const clientOf = ({ address, apiKey }: Task) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: address } })

const openingOf = ({ prompt, image }: Task): Content[] => [
  {
    role: 'user',
    parts: [
      { text: prompt },
      ...(image ? [{ inlineData: { mimeType: image.mediaType, data: image.base64 } }] : []),
    ],
  },
]

const configOf = (task: Task): GenerateContentConfig => ({
  systemInstruction: task.system,
  ...(task.signal ? { abortSignal: task.signal } : {}),
  ...(task.isThinkingWanted ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 } } : {}),
  ...(task.tools.length === 0
    ? {}
    : {
        tools: [
          {
            functionDeclarations: task.tools.map(({ name, description, parameters }) => ({
              name,
              description,
              parametersJsonSchema: parameters,
            })),
          },
        ],
      }),
})

const partsOf = (reply: GenerateContentResponse): readonly Part[] =>
  reply.candidates?.[0]?.content?.parts ?? []
const textOf = (parts: readonly Part[], isThought: boolean): string =>
  parts.map((part) => ((part.thought ?? false) === isThought ? (part.text ?? '') : '')).join('')

function heardIn(replies: readonly GenerateContentResponse[]): Heard {
  const parts = replies.flatMap(partsOf)
  const usage = replies.findLast((reply) => reply.usageMetadata)?.usageMetadata
  return {
    text: textOf(parts, false),
    reasoning: textOf(parts, true),
    inputTokens: usage?.promptTokenCount,
    outputTokens: usage && (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    isUnfinished: replies.at(-1)?.candidates?.[0]?.finishReason !== FinishReason.STOP,
  }
}

const ask = async (task: Task): Promise<Heard> =>
  heardIn([
    await clientOf(task).models.generateContent({
      model: task.model,
      contents: openingOf(task),
      config: configOf(task),
    }),
  ])

async function stream(task: Task): Promise<Heard> {
  const replies: GenerateContentResponse[] = []
  const question = { model: task.model, contents: openingOf(task), config: configOf(task) }
  for await (const reply of await clientOf(task).models.generateContentStream(question)) {
    replies.push(reply)
    const text = textOf(partsOf(reply), false)
    if (text !== '') task.hear(text)
  }
  return heardIn(replies)
}

type Reply = (message: Part[]) => Promise<readonly GenerateContentResponse[]>

/** A chat keeps the turns, with every part as it came. */
async function runTools(task: Task, reply: Reply): Promise<Heard> {
  const [opening] = openingOf(task)
  let replies = await reply(opening?.parts ?? [])
  for (;;) {
    const calls = replies.flatMap(partsOf).flatMap(({ functionCall }) => functionCall ?? [])
    if (calls.length === 0) return heardIn(replies)
    replies = await reply(
      calls.map(({ id, name = '', args }) => {
        const tool = task.tools.find((one) => one.name === name)
        const output = tool?.run((args ?? {}) as JsonValue) ?? 'no such tool'
        return { functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output } } }
      }),
    )
  }
}

const chatOf = (task: Task) => clientOf(task).chats.create({ model: task.model, config: configOf(task) })

async function loop(task: Task): Promise<Heard> {
  const chat = chatOf(task)
  return runTools(task, async (message) => [await chat.sendMessage({ message })])
}

async function loopStreamed(task: Task): Promise<Heard> {
  const chat = chatOf(task)
  return runTools(task, async (message) => Array.fromAsync(await chat.sendMessageStream({ message })))
}

async function structured(task: Task): Promise<Heard> {
  const reply = await clientOf(task).models.generateContent({
    model: task.model,
    contents: openingOf(task),
    config: {
      ...configOf(task),
      responseMimeType: 'application/json',
      responseJsonSchema: task.schema,
    },
  })
  return { text: reply.text ?? '', object: JSON.parse(reply.text ?? '') as JsonValue }
}

async function embed(task: Task): Promise<Heard> {
  const { embeddings } = await clientOf(task).models.embedContent({
    model: task.model,
    contents: [...task.inputs],
  })
  return { text: '', vectors: embeddings?.map(({ values }) => values ?? []) }
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof ApiError)) throw thrown
  return { name: thrown.name, status: thrown.status, message: thrown.message }
}

export const googleGenai: ClientDriver = {
  title: '@google/genai',
  door: 'gemini',
  packages: ['@google/genai'],
  acts: { ask, stream, loop, loopStreamed, structured, embed },
  errorNames: {
    badRequest: 'ApiError',
    unauthorized: 'ApiError',
    notFound: 'ApiError',
    rateLimited: 'ApiError',
    serverError: 'ApiError',
  },
  failureOf,
  limits: { retries: 'as it comes, the client asks once' },
}
