/** Every body that an adapter writes is one that the provider takes, as far as its reference says. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ChatQuestion } from '../../src/core/domain/chat.ts'
import { parseJson } from '../../src/core/domain/json.ts'
import { toProblem } from '../../src/core/domain/problem.ts'
import type { HttpCall, LlmAdapter } from '../../src/services/llm-adapters/adapter.ts'
import { adapters, dialects } from '../support/adapters.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import { dialectsWithSchema, faultsOfBody, hasSchema } from '../support/provider-schemas/validate-body.ts'
import { questions } from '../support/questions.ts'
import { recordedTarget } from '../support/recorded-target.ts'
import type { RecordedTargetWish } from '../support/recorded-target.ts'
import { objectOf } from '../support/recording.ts'
import type { Recording } from '../support/recording.ts'
import { readRecordingsDirectory } from '../support/recordings-directory.ts'

const recordingsDirectory = process.env['RECORDINGS_DIR']
const recordings =
  recordingsDirectory === undefined ? readGoldenRecordings() : readRecordingsDirectory(recordingsDirectory)
const maxOutputTokens = 4_000

/** The addresses at which questions are asked; embeddings, rankings and counts are asked at others. */
const questionPath = /\/(?:chat\/completions|responses|messages|chat)(?:\?|$)|[:/](?:stream)?generateContent/i

/** The providers and families of models that are asked differently in one dialect. */
const variants: Readonly<Record<string, readonly Omit<RecordedTargetWish, 'dialect'>[]>> = {
  'openai-chat': [{ provider: 'openai', modelQuirks: ['max_completion_tokens'] }, { provider: 'unknown' }],
  'anthropic-messages': [
    {},
    { modelQuirks: ['adaptive_thinking'] },
    { modelQuirks: ['adaptive_thinking', 'thinking_always_on', 'mid_conversation_system'] },
  ],
  'gemini-generate': [{}, { modelQuirks: ['thinking_level'] }, { modelQuirks: ['thinking_always'] }],
}

/** OpenAI has no video, so nobody asks it; cousins take it in a part that OpenAI's schema does not know. */
const unasked: Readonly<Record<string, readonly string[]>> = { 'openai-chat': ['video'] }

for (const dialect of dialectsWithSchema) {
  describe(`the schema of ${dialect}`, () => {
    const taken = recordings.filter((recording) => recording.dialect === dialect && wasTaken(recording))

    it('holds for every recorded body that the provider took', () => {
      assert.ok(taken.length >= 5, `only ${taken.length} bodies`)
      for (const recording of taken) {
        assert.deepEqual(faultsOfBody(dialect, recording.request?.body), [], recording.name)
      }
    })

    it('refuses a member that the provider does not know', () => {
      for (const recording of taken) {
        const body = { ...objectOf(recording.request?.body), nobody_knows_this: 1 }
        assert.notDeepEqual(faultsOfBody(dialect, body), [])
      }
    })
  })
}

for (const dialect of dialects) {
  describe(`what the ${dialect} adapter writes`, () => {
    const adapter = adapters.for(dialect)
    for (const variant of variants[dialect] ?? [{}]) {
      const target = recordedTarget({ dialect, ...variant })
      const family = [variant.provider ?? [], variant.modelQuirks ?? []].flat()
      for (const { name, question, certainFor } of questions) {
        if (unasked[dialect]?.includes(name)) continue
        it(`is taken or refused beforehand: ${[name, ...family].join(', ')}`, () => {
          const call = encodeOrRefuse(adapter, question, target)
          if (!call) {
            assert.ok(!certainFor.includes(dialect), `${dialect} must be able to ask this`)
            return
          }
          assert.equal(call.isStreamed, question.isStreamed)
          const body = parseJson(Buffer.from(call.body).toString())
          assert.ok(JSON.stringify(body).includes(String(maxOutputTokens)), 'the cap is sent')
          if (hasSchema(dialect)) assert.deepEqual(faultsOfBody(dialect, body), [], JSON.stringify(body))
        })
      }
    }

    it('is the same every time, byte for byte, so that prompts stay cached', () => {
      const target = recordedTarget({ dialect })
      for (const { question } of questions) {
        const [first, second] = [1, 2].map(() => encodeOrRefuse(adapter, question, target)?.body)
        assert.deepEqual(first, second)
      }
    })
  })
}

/** Undefined when the adapter refuses what the dialect cannot say; anything else thrown is a fault. */
function encodeOrRefuse(
  adapter: LlmAdapter,
  question: ChatQuestion,
  target: ReturnType<typeof recordedTarget>,
): HttpCall | undefined {
  try {
    return adapter.encode(question, target, { maxOutputTokens, requestId: 'request-1' })
  } catch (thrown) {
    const problem = toProblem(thrown)
    if (problem.code === 'unsupported_feature' || problem.code === 'unsupported_media_type') return undefined
    throw thrown
  }
}

/** Cousins have members of their own; only what OpenAI itself took says what OpenAI takes. */
function wasTaken({ request, reply, provider, dialect }: Recording): boolean {
  if (!request || reply.status >= 400 || !questionPath.test(request.path)) return false
  return !dialect.startsWith('openai') || provider === 'openai' || provider === 'azure'
}
