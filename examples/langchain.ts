// LangChain: a chain of messages, a stream, a tool and vectors, with models of several providers.
// Run: npx node examples/langchain.ts
import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { z } from 'zod'

const apiKey = process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback'
const configuration = { baseURL: `${process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'}/v1` }
const chat = (model: string) => new ChatOpenAI({ model, apiKey, configuration })

const answer = await chat('claude-sonnet-4-6').invoke([
  new SystemMessage('Answer briefly.'),
  new HumanMessage('What is a signal box?'),
])
console.log(answer.text)

for await (const chunk of await chat('auto:cheap').stream('And who works in one?')) {
  process.stdout.write(chunk.text)
}
process.stdout.write('\n')

const departures = tool(({ station }) => `${station}: 14:05 to Settle`, {
  name: 'departures',
  description: 'The next trains of a station.',
  schema: z.object({ station: z.string() }),
})
const model = chat('gemini-2.5-flash').bindTools([departures])
const question = new HumanMessage('When does the next train leave Carlisle?')
const asked = await model.invoke([question])
const results = await Promise.all(
  (asked.tool_calls ?? []).map((call) => departures.invoke({ ...call, type: 'tool_call' })),
)
console.log((await model.invoke([question, asked, ...results])).text)

const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', apiKey, configuration })
const vectors = await embeddings.embedDocuments(['The signal stands at danger.', 'Platform 2 is free.'])
console.log(vectors.map((vector) => `${vector.length} numbers`).join(', '))
