// Asks one question over Signalbox's own API and shows what it cost.
// Run: npx node examples/generate.ts "What is a signal box?"
const address = process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'

const response = await fetch(`${address}/v1/generate`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...keyHeader() },
  body: JSON.stringify({
    prompt: process.argv[2] ?? 'What is a signal box?',
    user_id: 'example',
    task_type: 'question_answering',
    max_tokens: 200,
  }),
})
console.log(JSON.stringify(await response.json(), null, 2))

function keyHeader(): Record<string, string> {
  const key = process.env['SIGNALBOX_KEY']
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}
