// The official OpenAI client, whole and streamed, with a model of another provider.
// Run: npx node examples/openai-client.ts
import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: `${process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'}/v1`,
  apiKey: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
})

const answer = await client.chat.completions.create({
  model: 'claude-sonnet-4-6',
  messages: [{ role: 'user', content: 'What is a signal box?' }],
})
console.log(answer.choices[0]?.message.content)

const stream = await client.chat.completions.create({
  model: 'auto:cheap',
  stream: true,
  messages: [{ role: 'user', content: 'And who works in one?' }],
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
process.stdout.write('\n')
