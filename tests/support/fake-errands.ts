// Errands for tests of the corridor, and the adapter that runs them there.
import { Problem } from '#core/domain/problem.ts'
import { unknownUsage } from '#core/domain/usage.ts'
import type { AskedAnything, AskedErrand } from '#core/gateway/asked.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import type { ErrandAdapters } from '#services/llm-adapters/errand-registry.ts'

/** One call for each input; a reply of which a piece is missing makes no sense. */
const adapter: ErrandAdapter<'embed'> = {
  encode: ({ inputs }) =>
    inputs.map(() => ({ path: '/', headers: {}, body: '', isStreamed: false, dropped: [] })),
  decode(replies) {
    if (replies.some(({ body }) => !body.includes(1))) throw new Problem('provider_malformed')
    const isCounted = replies.every(({ body }) => body.includes(255))
    return {
      id: '',
      model: 'fake',
      vectors: replies.map(() => [1]),
      usage: { ...unknownUsage, inputTokens: isCounted ? 10 * replies.length : null, outputTokens: 0 },
    }
  },
  explain: () => new Problem('provider_error'),
}

export const fakeErrandAdapters: ErrandAdapters = { for: () => adapter as never }

const asked: AskedAnything = {
  requestId: 'request-1',
  door: 'openai-embeddings',
  dialect: undefined,
  modelAsked: undefined,
  fallbacks: [],
  userId: 'user-a',
  taskType: undefined,
  quality: undefined,
  maxCostNanoUsd: undefined,
  cacheWish: 'default',
  deadlineMs: undefined,
  tags: [],
  priority: 'normal',
  startedAtMs: 0,
  signal: new AbortController().signal,
}

/** An errand of this many inputs, each of which is a call of its own here. */
export function errandFor(
  inputCount: number,
  changes: Partial<AskedErrand<'embed'>> = {},
): AskedErrand<'embed'> {
  const inputs = Array.from({ length: inputCount }, () => ({ kind: 'text', text: 'Hello there' }) as const)
  return { ...asked, errand: { kind: 'embed', inputs, forms: ['float'] }, ...changes }
}
