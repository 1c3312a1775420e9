// A search by meaning: documents and a question as vectors, then the best documents ranked.
// Run: npx node examples/embeddings.ts
import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'

const address = process.env['SIGNALBOX_URL'] ?? 'http://localhost:8000'
const key = process.env['SIGNALBOX_KEY'] ?? 'none-needed-on-loopback'

const documents = [
  'A signal box controls the points and signals of a stretch of railway.',
  'The signalman works the levers and answers the telegraph.',
  'Bananas ripen faster beside apples.',
]
const question = 'Who works in a signal box?'

// Any embedding model of GET /v1/models through the OpenAI client. All vectors must be of the same model.
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key })
const { data, usage } = await openai.embeddings.create({
  model: 'gemini-embedding-001',
  input: [...documents, question],
  dimensions: 768,
})
const vectors = data.map(({ embedding }) => embedding)
const asked = vectors.pop() ?? []
const nearness = (vector: readonly number[]) =>
  vector.reduce((sum, value, at) => sum + value * (asked[at] ?? 0), 0)
console.log(`${usage.total_tokens} tokens`)
for (const [at, vector] of vectors.entries()) console.log(nearness(vector).toFixed(3), documents[at])

// And a model that reads question and document together, through the Cohere client.
const cohere = new CohereClientV2({ environment: address, token: key })
const { results } = await cohere.rerank({ model: 'rerank-v4.0-fast', query: question, documents, topN: 1 })
console.log('best:', documents[results[0]?.index ?? 0])
