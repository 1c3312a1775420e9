// Prints an answer as plain text while it is being written.
// Run: npx node examples/stream-text.ts "Tell me about railways"
const address = process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'

const response = await fetch(`${address}/v1/generate/stream`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ prompt: process.argv[2] ?? 'Tell me about railways', user_id: 'example' }),
})
if (!response.ok || !response.body) throw new Error(await response.text())
for await (const piece of response.body.pipeThrough(new TextDecoderStream())) process.stdout.write(piece)
process.stdout.write('\n')
