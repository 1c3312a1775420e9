// Vercel's AI SDK: text, a stream, a tool and an object, with models of several providers.
// Run: npx node examples/vercel-ai.ts
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, isStepCount, jsonSchema, Output, streamText, tool } from 'ai'

const signalbox = createOpenAICompatible({
  name: 'signalbox',
  baseURL: `${process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'}/v1`,
  apiKey: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
  includeUsage: true,
  supportsStructuredOutputs: true,
})

const { text } = await generateText({
  model: signalbox('claude-sonnet-4-6'),
  prompt: 'What is a signal box?',
})
console.log(text)

const { textStream } = streamText({ model: signalbox('auto:cheap'), prompt: 'And who works in one?' })
for await (const piece of textStream) process.stdout.write(piece)
process.stdout.write('\n')

const departures = tool({
  description: 'The next trains of a station.',
  inputSchema: jsonSchema<{ station: string }>({
    type: 'object',
    properties: { station: { type: 'string' } },
    required: ['station'],
  }),
  execute: ({ station }) => `${station}: 14:05 to Settle`,
})
const asked = await generateText({
  model: signalbox('gpt-4o'),
  tools: { departures },
  stopWhen: isStepCount(3),
  prompt: 'When does the next train leave Carlisle?',
})
console.log(asked.text)

const { output } = await generateText({
  model: signalbox('gemini-2.5-flash'),
  output: Output.object({
    schema: jsonSchema<{ title: string; stars: number }>({
      type: 'object',
      properties: { title: { type: 'string' }, stars: { type: 'integer' } },
      required: ['title', 'stars'],
      additionalProperties: false,
    }),
  }),
  prompt: 'A review of a film about railways.',
})
console.log(output)
