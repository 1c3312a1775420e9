// The official Anthropic client, whole, streamed and with a tool, with models of other providers.
// Run: npx node examples/anthropic-client.ts
import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({
  baseURL: process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000',
  apiKey: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
})

const answer = await client.messages.create({
  model: 'gpt-4o',
  max_tokens: 300,
  messages: [{ role: 'user', content: 'What is a signal box?' }],
})
console.log(textOf(answer))

const stream = client.messages.stream({
  model: 'auto:cheap',
  max_tokens: 300,
  messages: [{ role: 'user', content: 'And who works in one?' }],
})
stream.on('text', (text) => process.stdout.write(text))
await stream.finalMessage()
process.stdout.write('\n')

// A round of tools: the answer goes back as it came, with a result for each call.
const question: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'gemini-2.5-flash',
  max_tokens: 1_000,
  tools: [
    {
      name: 'departures',
      description: 'The next trains of a station.',
      input_schema: { type: 'object', properties: { station: { type: 'string' } }, required: ['station'] },
    },
  ],
  messages: [{ role: 'user', content: 'When does the next train leave Carlisle?' }],
}
const asked = await client.messages.create(question)
const results = asked.content.flatMap((block) =>
  block.type === 'tool_use'
    ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: '14:05 to Settle' }]
    : [],
)
if (results.length > 0) {
  const told = await client.messages.create({
    ...question,
    messages: [
      ...question.messages,
      { role: 'assistant', content: asked.content },
      { role: 'user', content: results },
    ],
  })
  console.log(textOf(told))
} else console.log(textOf(asked))

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}
