// Asks about an image, sent as a data URL.
// Run: npx node examples/image.ts picture.png
import { readFile } from 'node:fs/promises'

const address = process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const file = process.argv[2]
const base64 = file === undefined ? onePixel : (await readFile(file)).toString('base64')

const response = await fetch(`${address}/v1/generate`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'gpt-4o',
    prompt: 'What is in this picture?',
    user_id: 'example',
    images: [`data:image/png;base64,${base64}`],
  }),
})
console.log(await response.json())
