// Google's official Gemini client, whole and streamed, with a model of another provider.
// Run: npx node examples/gemini-client.ts
import { GoogleGenAI } from '@google/genai'

const ai = new GoogleGenAI({
  apiKey: process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback',
  httpOptions: { baseUrl: process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000' },
})

const answer = await ai.models.generateContent({
  model: 'claude-sonnet-4-6',
  contents: 'What is a signal box?',
})
console.log(answer.text)

const stream = await ai.models.generateContentStream({
  model: 'auto:cheap',
  contents: 'And who works in one?',
})
for await (const piece of stream) process.stdout.write(piece.text ?? '')
process.stdout.write('\n')
