// The Responses API of the official OpenAI client with a model of another provider: a tool loop, then a stream.
// Run: npx node examples/responses-client.ts
import OpenAI from 'openai'
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems'
import type { ResponseInput } from 'openai/resources/responses/responses'

const client = new OpenAI({
  baseURL: `${process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'}/v1`,
  apiKey: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
})

const model = 'claude-sonnet-4-6'
const trainsDue = {
  type: 'function',
  name: 'trains_due',
  description: 'How many trains are due at a signal box within the hour.',
  parameters: {
    type: 'object',
    properties: { box: { type: 'string' } },
    required: ['box'],
    additionalProperties: false,
  },
  strict: true,
} as const

// Nothing is stored, so the whole conversation is sent each time: what the model thought comes back to it this way.
const input: ResponseInput = [{ role: 'user', content: 'How busy is the box at Ulm?' }]
const first = await client.responses.create({ model, input, tools: [trainsDue] })
input.push(...toResponseInputItems(first.output))
for (const item of first.output) {
  if (item.type !== 'function_call') continue
  input.push({ type: 'function_call_output', call_id: item.call_id, output: '14' })
}
const second = await client.responses.create({ model, input, tools: [trainsDue] })
console.log(second.output_text)

const stream = client.responses.stream({ model: 'auto:cheap', input: 'What is a signal box?' })
stream.on('response.output_text.delta', ({ delta }) => process.stdout.write(delta))
await stream.finalResponse()
process.stdout.write('\n')
