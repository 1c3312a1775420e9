// The official Cohere client in a loop of tools, with a model of another provider.
// Run: npx node examples/cohere-client.ts
import { CohereClientV2 } from 'cohere-ai'
import type { Cohere } from 'cohere-ai'

const client = new CohereClientV2({
  environment: process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000',
  token: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
})

const model = 'gemini-2.5-flash'
const tools: Cohere.ToolV2[] = [
  {
    type: 'function',
    function: {
      name: 'departures',
      description: 'Tells which trains leave a station next.',
      parameters: { type: 'object', properties: { station: { type: 'string' } }, required: ['station'] },
    },
  },
]
const messages: Cohere.ChatMessageV2[] = [{ role: 'user', content: 'When does the next train leave Crewe?' }]

const { message } = await client.chat({ model, messages, tools })
// The message goes back as it came: what other providers want to see again travels inside it.
messages.push(message)
for (const call of message.toolCalls ?? []) {
  console.log(`${call.function?.name}(${call.function?.arguments})`)
  messages.push({ role: 'tool', toolCallId: call.id, content: '{"destination":"Chester","time":"10:23"}' })
}

for await (const event of await client.chatStream({ model, messages, tools })) {
  if (event.type === 'content-delta') process.stdout.write(event.delta?.message?.content?.text ?? '')
  // A break in the middle of an answer is told at its end.
  if (event.type === 'message-end' && event.delta?.error) throw new Error(event.delta.error)
}
process.stdout.write('\n')
