/** The clients that applications make embeddings with, each through the API that it speaks. */
import { createCohere } from '@ai-sdk/cohere'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { GoogleGenAI } from '@google/genai'
import { GoogleGenerativeAIEmbeddings } from '@langchain/google-genai'
import { OpenAIEmbeddings } from '@langchain/openai'
import { embedMany } from 'ai'
import type { EmbeddingModel } from 'ai'
import { CohereClient } from 'cohere-ai'
import OpenAI from 'openai'

export interface EmbeddingClient {
  readonly title: string
  /** The door as rows name it. */
  readonly door: string
  /** The vectors of these texts, as the client hands them to its application. */
  embed(address: string, model: string, texts: readonly string[]): Promise<ReadonlyArray<readonly number[]>>
}

const apiKey = 'sk-any'

async function embedWith(model: EmbeddingModel, texts: readonly string[]) {
  const { embeddings } = await embedMany({ model, values: [...texts], maxRetries: 0 })
  return embeddings
}

const openai = (address: string) => new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 0 })

export const embeddingClients: readonly EmbeddingClient[] = [
  {
    title: 'openai, which asks for base64 unless told otherwise',
    door: 'openai-embeddings',
    async embed(address, model, texts) {
      const { data } = await openai(address).embeddings.create({ model, input: [...texts] })
      return data.map(({ embedding }) => embedding)
    },
  },
  {
    title: 'openai, asking for numbers',
    door: 'openai-embeddings',
    async embed(address, model, texts) {
      const { data } = await openai(address).embeddings.create({
        model,
        input: [...texts],
        encoding_format: 'float',
      })
      return data.map(({ embedding }) => embedding)
    },
  },
  {
    title: '@langchain/openai',
    door: 'openai-embeddings',
    embed: (address, model, texts) =>
      new OpenAIEmbeddings({
        model,
        apiKey,
        maxRetries: 0,
        configuration: { baseURL: `${address}/v1` },
      }).embedDocuments([...texts]),
  },
  {
    title: '@ai-sdk/openai',
    door: 'openai-embeddings',
    embed: (address, model, texts) =>
      embedWith(createOpenAI({ baseURL: `${address}/v1`, apiKey }).embedding(model), texts),
  },
  {
    title: '@ai-sdk/openai-compatible',
    door: 'openai-embeddings',
    embed: (address, model, texts) =>
      embedWith(
        createOpenAICompatible({ name: 'signalbox', baseURL: `${address}/v1`, apiKey }).embeddingModel(model),
        texts,
      ),
  },
  {
    title: '@google/genai',
    door: 'gemini-embed',
    async embed(address, model, texts) {
      const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: address } })
      // For the newer models this client takes texts for parts of one content, unless they are contents.
      const contents = texts.map((text) => ({ parts: [{ text }] }))
      const { embeddings } = await client.models.embedContent({ model, contents })
      return (embeddings ?? []).map(({ values }) => values ?? [])
    },
  },
  {
    title: '@ai-sdk/google',
    door: 'gemini-embed',
    embed: (address, model, texts) =>
      embedWith(createGoogleGenerativeAI({ baseURL: `${address}/v1beta`, apiKey }).embedding(model), texts),
  },
  {
    title: '@langchain/google-genai',
    door: 'gemini-embed',
    embed: (address, model, texts) =>
      new GoogleGenerativeAIEmbeddings({ model, apiKey, baseUrl: address, maxRetries: 0 }).embedDocuments([
        ...texts,
      ]),
  },
  {
    title: 'cohere-ai',
    door: 'cohere-embed',
    async embed(address, model, texts) {
      const client = new CohereClient({ token: apiKey, environment: address })
      const { embeddings } = await client.v2.embed(
        { model, texts: [...texts], inputType: 'search_document', embeddingTypes: ['float'] },
        { maxRetries: 0 },
      )
      return embeddings.float ?? []
    },
  },
  {
    title: '@ai-sdk/cohere',
    door: 'cohere-embed',
    embed: (address, model, texts) =>
      embedWith(createCohere({ baseURL: `${address}/v2`, apiKey }).embedding(model), texts),
  },
]

/** Models of every kind of target, with how their vectors are named to the double. */
export const embeddingTargets = [
  { model: 'text-embedding-3-small', provider: 'openai', usdPerMillion: 0.02 },
  { model: 'gemini-embedding-001', provider: 'google', usdPerMillion: 0.15 },
  { model: 'embed-v4.0', provider: 'cohere', usdPerMillion: 0.12 },
  { model: 'mistral-embed', provider: 'mistral', usdPerMillion: 0.1 },
  { model: 'together/some-embedder', provider: 'together', usdPerMillion: undefined },
  { model: 'ollama/nomic-embed-text', provider: 'ollama', usdPerMillion: 0 },
  { model: 'vllm/bge-m3', provider: 'vllm', usdPerMillion: 0 },
] as const
