/**
 * Every adapter for errands reads what its providers really sent, number for number, and sends on what callers of
 * the same API wrote. With RECORDINGS_DIR set, the same also holds for every errand of that directory.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Errand, ErrandAnswer, ErrandKind, ErrandOf } from '#core/domain/errand.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { vectorFromBase64 } from '#core/domain/vector-text.ts'
import type { Target } from '#core/domain/target.ts'
import type { WholeReply } from '#services/llm-adapters/adapter.ts'
import { createErrandAdapters } from '#services/llm-adapters/errand-registry.ts'
import { recordedErrand } from '#tests/support/errand-requests.ts'
import { readErrandsDirectory, readGoldenErrands, wholeBody } from '#tests/support/errand-recordings.ts'
import type { ErrandRecording } from '#tests/support/errand-recordings.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'

const directory = process.env['RECORDINGS_DIR']
const golden = readGoldenErrands()
const recordings = directory === undefined ? golden : [...golden, ...readErrandsDirectory(directory)]
const adapters = createErrandAdapters()
const terms = { maxOutputTokens: 0, requestId: 'request-1' }

function targetOf(recording: ErrandRecording): Target {
  const { dialect, model } = recording
  return recordedTarget({ dialect, model, quirks: ['counts_input', 'ranks_documents', 'moderates'] })
}

function adapterOf<Kind extends ErrandKind>({ kind }: { readonly kind: Kind }, { provider }: Target) {
  const adapter = adapters.for(kind, provider)
  assert.ok(adapter, `${provider.dialect} runs ${kind}`)
  return adapter
}

const replyOf = (recording: ErrandRecording): WholeReply => ({
  status: recording.reply.status,
  headers: recording.reply.headers,
  body: Buffer.from(JSON.stringify(wholeBody(recording))),
})

/** What a caller of another API would have had to ask for this answer. */
function plainErrand(recording: ErrandRecording): Errand {
  const { expect } = recording
  const text = { kind: 'text', text: 'one' } as const
  if (recording.kind === 'count-tokens') {
    return { kind: 'count-tokens', question: { messages: [], isStreamed: false } }
  }
  if (recording.kind === 'rerank') {
    return { kind: 'rerank', query: 'one', documents: Array.from({ length: 20 }, () => 'two') }
  }
  const count = expect.outcome === 'vectors' ? expect.count : 1
  const inputs = Array.from({ length: count }, () => text)
  return { kind: 'embed', inputs, forms: ['float'] }
}

/** The same reply in a spelling that nobody expects, so that it is read in full. */
const unusualReply = (recording: ErrandRecording): WholeReply => ({
  ...replyOf(recording),
  body: Buffer.from(JSON.stringify(wholeBody(recording)).replaceAll('"embedding":"', '"embedding" : "')),
})

const isInBase64 = ({ request }: ErrandRecording) => asObject(request?.body)?.['encoding_format'] === 'base64'

function decoded(recording: ErrandRecording, errand: Errand): ErrandAnswer {
  const target = targetOf(recording)
  return adapterOf(errand, target).decode([unusualReply(recording)], errand, target)
}

/** Every vector of a reply, in order: whatever API it is of, lists of numbers and texts of floats. */
function numbersIn(value: JsonValue): readonly (readonly number[])[] {
  const floats = typeof value === 'string' && value.length > 1_000 ? vectorFromBase64(value) : undefined
  if (floats) return [floats]
  if (Array.isArray(value)) {
    if (typeof value[0] === 'number') return [value as readonly number[]]
    return value.flatMap((item: JsonValue) => numbersIn(item))
  }
  return Object.values(asObject(value) ?? {}).flatMap((item) => numbersIn(item ?? null))
}

function assertRead(recording: ErrandRecording, answer: ErrandAnswer): void {
  const { expect } = recording
  switch (expect.outcome) {
    case 'vectors': {
      assert.ok('vectors' in answer)
      assert.deepEqual(answer.vectors, numbersIn(wholeBody(recording)))
      assert.equal(answer.vectors.length, expect.count)
      for (const vector of answer.vectors) assert.equal(vector.length, expect.dimensions)
      assert.equal(answer.usage.inputTokens, expect.inputTokens)
      assert.equal(answer.usage.outputTokens, 0)
      return
    }
    case 'ranking':
      assert.ok('results' in answer)
      assert.deepEqual(answer.results, expect.results)
      assert.equal(answer.usage.searchUnits, expect.searchUnits)
      return
    case 'count':
      assert.ok('inputTokens' in answer)
      assert.equal(answer.inputTokens, expect.inputTokens)
      assert.equal(answer.isEstimated, false)
      return
    case 'error':
      assert.fail('an error was read as an answer')
  }
}

/** Its numbers are eight bits long, which OpenAI's form has no word for: only its own caller can read them. */
const isOfItsOwnForm = ({ provider }: ErrandRecording) => provider === 'perplexity'

describe('the adapters for errands', () => {
  it('there are recordings of every kind', () => {
    assert.ok(golden.length >= 30, `${golden.length} recordings`)
    for (const kind of ['embed', 'rerank', 'count-tokens']) {
      assert.ok(golden.some((recording) => recording.kind === kind && recording.expect.outcome !== 'error'))
    }
  })

  for (const recording of recordings) {
    if (recording.expect.outcome === 'error') {
      const { code } = recording.expect
      it(`say what the refusal of ${recording.name} means`, () => {
        const target = targetOf(recording)
        const problem = adapterOf(recording, target).explain(replyOf(recording), target)
        assert.equal(problem.code, code)
        assert.equal(problem.details.upstreamStatus, recording.reply.status)
      })
      continue
    }
    if (isOfItsOwnForm(recording)) {
      it(`take the text in ${recording.name} for no vector`, () => {
        assert.throws(() => decoded(recording, plainErrand(recording)), { code: 'provider_malformed' })
      })
      continue
    }
    it(`read ${recording.name}`, () => {
      const errand = isInBase64(recording) ? recordedErrand(recording) : plainErrand(recording)
      assertRead(recording, decoded(recording, errand))
    })
  }

  for (const recording of recordings.filter(({ request, expect }) => request && expect.outcome !== 'error')) {
    it(`send the request of ${recording.name} on as it came, and hand its reply out byte for byte`, () => {
      const target = targetOf(recording)
      const errand = recordedErrand(recording)
      const adapter = adapterOf(errand, target)
      const calls = adapter.encode(errand, target, terms)
      assert.equal(calls.length, 1)
      assertSameRequest(recording, calls[0]?.path ?? '', String(calls[0]?.body))
      const answer = adapter.decode([replyOf(recording)], errand, target)
      assert.deepEqual(answer.native?.bytes, replyOf(recording).body)
      if (recording.expect.outcome === 'vectors') {
        assert.equal(answer.usage.inputTokens, recording.expect.inputTokens)
      }
    })
  }

  it('answer bytes that are nothing they know with a problem, never with an exception of another kind', () => {
    const kinds = golden.filter(({ expect }) => expect.outcome !== 'error')
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (recording, body) => {
          const target = targetOf(recording)
          const errand = plainErrand(recording) as ErrandOf<ErrandKind>
          const adapter = adapterOf(errand, target)
          const reply = { status: 500, headers: {}, body }
          assert.ok(adapter.explain(reply, target) instanceof Problem)
          try {
            adapter.decode([{ ...reply, status: 200 }], errand, target)
          } catch (thrown) {
            assert.ok(thrown instanceof Problem, String(thrown))
            assert.notEqual(thrown.code, 'internal_error')
          }
        },
      ),
    )
  })
})

/** Counting puts the caller's request where instructions and tools count too. */
function assertSameRequest(recording: ErrandRecording, path: string, body: string): void {
  const recorded = asObject(recording.request?.body) ?? {}
  const sent = asObject(JSON.parse(body))
  const isGeminiCount = recording.kind === 'count-tokens' && recording.dialect === 'gemini-generate'
  const inner = asObject(recorded['generateContentRequest']) ?? recorded
  const model = `models/${recording.model}`
  assert.deepEqual(sent, isGeminiCount ? { generateContentRequest: { ...inner, model } } : recorded)
  const [method = ''] = (recording.request?.path ?? '').split('?')[0]?.split('/').slice(-1) ?? []
  assert.ok(path.endsWith(method), `${path} is ${method}`)
  assert.ok(asArray(recorded['texts']).length <= 96)
}
