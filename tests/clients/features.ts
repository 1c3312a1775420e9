/** What is tried with every client: one row of the compatibility page each. */
import type { Acts } from '#tests/clients/task.ts'

export interface Feature {
  readonly title: string
  /** What "works" says for this row. */
  readonly meaning: string
  readonly act: keyof Acts
  /** `gateway`: Signalbox itself answers, so the target plays no part. */
  readonly scope: 'target' | 'gateway'
}

export const features = {
  text: {
    title: 'text',
    meaning: 'instructions and question arrive, text and token counts are read',
    act: 'ask',
    scope: 'target',
  },
  stream: {
    title: 'text, streamed',
    meaning: 'the same, piece by piece',
    act: 'stream',
    scope: 'target',
  },
  tools: {
    title: 'tools',
    meaning: 'a call, its result returned under its own id, the final text',
    act: 'loop',
    scope: 'target',
  },
  streamedTools: {
    title: 'tools, streamed',
    meaning: 'the same, streamed',
    act: 'loopStreamed',
    scope: 'target',
  },
  parallelTools: {
    title: 'parallel tools',
    meaning: 'several calls in one turn, every result with its call',
    act: 'loop',
    scope: 'target',
  },
  streamedParallelTools: {
    title: 'parallel tools, streamed',
    meaning: 'the same, streamed',
    act: 'loopStreamed',
    scope: 'target',
  },
  image: { title: 'images', meaning: 'the very bytes of a picture arrive', act: 'ask', scope: 'target' },
  structured: {
    title: 'structured output',
    meaning: 'the schema arrives, the object is read',
    act: 'structured',
    scope: 'target',
  },
  reasoning: {
    title: 'thoughts',
    meaning: 'what the model thought is read beside the text',
    act: 'ask',
    scope: 'target',
  },
  streamedReasoning: {
    title: 'thoughts, streamed',
    meaning: 'the same, streamed',
    act: 'stream',
    scope: 'target',
  },
  thoughtsReturned: {
    title: 'thoughts through a tool loop',
    meaning: "the provider's own tokens of its thinking come back to it unchanged with the tool's result",
    act: 'loop',
    scope: 'target',
  },
  embeddings: { title: 'embeddings', meaning: 'the numbers of every vector', act: 'embed', scope: 'target' },
  badRequest: {
    title: '400 of the provider',
    meaning: "the client's own class and status, with the provider's words",
    act: 'ask',
    scope: 'target',
  },
  rateLimited: {
    title: '429 of the provider',
    meaning: "the client's own class and status",
    act: 'ask',
    scope: 'target',
  },
  retries: {
    title: '429, waited out',
    meaning: 'the client waits as long as the refusal says, asks again by itself and gets its answer',
    act: 'ask',
    scope: 'target',
  },
  serverError: {
    title: '500 of the provider',
    meaning:
      "the client's own class, status 502 (500 in the APIs of Anthropic and Gemini, which have no 502)",
    act: 'ask',
    scope: 'target',
  },
  cutStream: {
    title: 'stream cut by the provider',
    meaning: 'never looks like success',
    act: 'stream',
    scope: 'target',
  },
  abort: {
    title: 'abort in mid-stream',
    meaning: 'the provider is left at once, what came is booked, nothing stays held',
    act: 'stream',
    scope: 'target',
  },
  unauthorized: {
    title: '401, wrong key',
    meaning: "the client's own class and status (400 in the Gemini API, as at Google)",
    act: 'ask',
    scope: 'gateway',
  },
  notFound: {
    title: '404, unknown model',
    meaning: "the client's own class and status, with the name",
    act: 'ask',
    scope: 'gateway',
  },
} as const satisfies Record<string, Feature>

export type FeatureName = keyof typeof features

export const featureNames = Object.keys(features) as readonly FeatureName[]
