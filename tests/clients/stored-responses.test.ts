/** Clients that leave the conversation to the server, as they come, where the operator has turned the store of responses on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createOpenAI } from '@ai-sdk/openai'
import OpenAI from 'openai'
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
} from 'openai/resources/responses/responses'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { absence, cellsOf, tryCell } from '#tests/clients/cell.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { features } from '#tests/clients/features.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import { openaiErrorNames, openaiFailure } from '#tests/clients/openai-chat.ts'
import { notThere } from '#tests/clients/task.ts'
import type { ClientDriver, Heard, Task } from '#tests/clients/task.ts'
import { vercelActs, vercelErrors } from '#tests/clients/vercel.ts'

const noEmbeddings = notThere('the same class as elsewhere')

/** What the package sends, as text. */
const sent: string[] = []
const noting: typeof fetch = (input, init) => {
  if (typeof init?.body === 'string') sent.push(init.body)
  return fetch(input, init)
}

/** Its default: texts and thoughts of earlier answers are pointed at by `item_reference`; calls come in full. */
const vercel: ClientDriver = {
  title: 'ai, @ai-sdk/openai with its default store',
  door: 'openai-responses',
  packages: ['ai', '@ai-sdk/openai'],
  acts: vercelActs({
    model: ({ address, apiKey, model }) =>
      createOpenAI({ baseURL: `${address}/v1`, apiKey, fetch: noting })(model),
    embedding: noEmbeddings,
    thinking: { openai: { forceReasoning: true, reasoningSummary: 'auto' } },
  }),
  ...vercelErrors,
}

type Respond = (client: OpenAI, question: ResponseCreateParamsNonStreaming) => Promise<Response>

/** The package's types do not name the member. */
const isStored = (response: object) => asObject(response)?.['store']

/** Only what is new is sent, with the id of the response before it. */
async function runTools(task: Task, respond: Respond): Promise<Heard> {
  const client = new OpenAI({ baseURL: `${task.address}/v1`, apiKey: task.apiKey, maxRetries: 0 })
  const question = {
    model: task.model,
    instructions: task.system,
    ...(task.isThinkingWanted ? { reasoning: { effort: 'medium' as const, summary: 'auto' as const } } : {}),
    tools: task.tools.map(({ name, description, parameters }) => ({
      type: 'function' as const,
      name,
      description,
      parameters: { ...parameters },
      strict: true,
    })),
  }
  let response = await respond(client, { ...question, input: task.prompt })
  for (;;) {
    const { id, output } = response
    const results = output.flatMap((item): ResponseInputItem[] => {
      if (item.type !== 'function_call') return []
      const tool = task.tools.find(({ name }) => name === item.name)
      const text = tool?.run(JSON.parse(item.arguments) as JsonValue) ?? 'no such tool'
      return [{ type: 'function_call_output', call_id: item.call_id, output: text }]
    })
    if (results.length === 0) {
      const said = output.flatMap((item) => (item.type === 'message' ? item.content : []))
      const text = said.map((part) => (part.type === 'output_text' ? part.text : '')).join('')
      assert.equal((await client.responses.retrieve(id)).status, 'completed')
      return { text }
    }
    response = await respond(client, { ...question, previous_response_id: id, input: results })
    assert.equal(isStored(response), true)
    assert.equal(response.previous_response_id, id)
  }
}

const official: ClientDriver = {
  title: 'openai with previous_response_id',
  door: 'openai-responses',
  packages: ['openai'],
  acts: {
    ask: noEmbeddings,
    stream: noEmbeddings,
    loop: async (task) => runTools(task, (client, question) => client.responses.create(question)),
    loopStreamed: async (task) =>
      runTools(task, async (client, question) => {
        let whole: Response | undefined
        for await (const event of client.responses.stream({ ...question, stream: true })) {
          if (event.type === 'response.created') assert.equal(isStored(event.response), true)
          if (event.type === 'response.completed') whole = event.response
        }
        assert.ok(whole)
        return whole
      }),
    structured: noEmbeddings,
    embed: noEmbeddings,
  },
  errorNames: openaiErrorNames,
  failureOf: openaiFailure,
}

const tried: readonly FeatureName[] = [
  'tools',
  'streamedTools',
  'parallelTools',
  'streamedParallelTools',
  'thoughtsReturned',
]

/** Nothing is stored at a provider, so nothing may be pointed at there. */
function assertNothingPointsAway(stage: ClientStage): void {
  for (const { dialect, body } of stage.received()) {
    if (dialect !== 'openai-responses') continue
    const sent = asObject(body)
    assert.equal(sent?.['store'], false)
    assert.equal(sent['previous_response_id'] ?? null, null)
    for (const item of asArray(sent['input']).map(asObject)) {
      assert.notEqual(item?.['type'], 'item_reference')
      if (item?.['type'] === 'reasoning') assert.equal(typeof item['encrypted_content'], 'string')
    }
  }
}

let stage: ClientStage
before(async () => {
  stage = await openClientStage({
    yaml: 'responses: {store: on}',
    environment: { RESPONSE_STORE_KEYS: Buffer.alloc(32, 7).toString('base64') },
  })
})
after(() => stage.close())

for (const driver of [vercel, official]) {
  describe(driver.title, () => {
    for (const cell of cellsOf(driver)) {
      if (!tried.includes(cell.feature) || absence(cell)) continue
      it(`${features[cell.feature].title}: ${cell.target.title}`, async () => {
        sent.length = 0
        assert.deepEqual(await tryCell(stage, cell), { kind: 'works' })
        assertNothingPointsAway(stage)
        const pointsAtThoughts = driver === vercel && cell.feature === 'thoughtsReturned'
        if (pointsAtThoughts) assert.match(sent[1] ?? '', /"item_reference"/)
      })
    }
  })
}
