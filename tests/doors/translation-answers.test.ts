/**
 * The answer's side of translation: what each provider was recorded to say beside plain text, looked for in the
 * bytes of every API. Text, calls, finish, usage and thinking are heard by the official clients in replay.test.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { Dialect } from '../../src/core/domain/chat.ts'
import { dialects } from '../support/adapters.ts'
import { readGoldenRecordings } from '../support/golden-recordings.ts'
import type { Recording } from '../support/recording.ts'
import { askRaw } from './raw-question.ts'
import { openReplayStage } from './replay-stage.ts'
import type { ReplayStage } from './replay-stage.ts'

/** How each API writes it; an API without a pattern has no place for it. */
type Patterns = Readonly<Partial<Record<Dialect, RegExp>>>

interface AnswerFeature {
  readonly name: string
  readonly isIn: (recording: Recording) => boolean
  readonly patterns: Patterns
  /** How often it must be found, at least. */
  readonly timesIn?: (recording: Recording) => number
}

const callsOf = ({ expect }: Recording) => expect.toolCalls?.filter(({ kind }) => kind !== 'item').length ?? 0

const features: readonly AnswerFeature[] = [
  {
    name: 'parallel tool calls',
    isIn: (recording) => callsOf(recording) > 1,
    timesIn: callsOf,
    patterns: {
      'openai-chat':
        /"id":"[^"]+",(?:"index":\d,)?"type":"(?:function|custom)"|"type":"function","id"|"function":\{"name"|"function":\{"arguments":"[^"]*","name"/g,
      'openai-responses': /"type":"(?:function_call|custom_tool_call)"/g,
      'anthropic-messages': /"type":"(?:server_)?tool_use"/g,
      'gemini-generate': /"functionCall":/g,
      'cohere-chat': /"type":"function"/g,
    },
  },
  {
    name: 'a refusal',
    isIn: ({ expect }) => Boolean(expect.refusal),
    patterns: {
      'openai-chat': /"refusal":"[^"]/g,
      'openai-responses': /"type":"refusal"/g,
      'anthropic-messages': /"stop_reason":"refusal"/g,
      'gemini-generate': /"text":"[^"]/g,
      'cohere-chat': /"is_refusal":true/g,
    },
  },
  {
    name: 'an answer that was blocked',
    isIn: ({ expect }) => expect.finish?.unified === 'content_filter' && !expect.refusal,
    patterns: {
      'openai-chat': /"finish_reason":"content_filter"/g,
      'openai-responses': /"reason":"content_filter"/g,
      'anthropic-messages': /"stop_reason":"refusal"/g,
      'gemini-generate':
        /"finishReason":"(?:SAFETY|MODEL_ARMOR|PROHIBITED_CONTENT|OTHER|RECITATION|BLOCKLIST)"|"blockReason":/g,
      'cohere-chat': /"finish_reason":"(?:ERROR|ERROR_TOXIC)"/g,
    },
  },
  {
    name: 'citations',
    isIn: ({ expect }) => (expect.citations ?? 0) > 0,
    patterns: {
      'openai-chat': /"url_citation"|"citations":\[|"annotations":\[\{/g,
      'openai-responses': /"type":"(?:url|file|container_file)_citation"/g,
      'anthropic-messages': /"citations_delta"|"type":"\w+_location"/g,
      'gemini-generate': /"groundingMetadata":|"citationMetadata":/g,
      'cohere-chat': /"citations":\[\{|citation-start/g,
    },
  },
  {
    name: 'token log-probabilities',
    isIn: ({ expect }) => (expect.logprobTokens ?? 0) > 0,
    patterns: {
      'openai-chat': /"logprob":/g,
      'openai-responses': /"logprob":/g,
      'gemini-generate': /"logProbability":/g,
      'cohere-chat': /"logprobs":/g,
    },
  },
  {
    name: 'produced images',
    isIn: ({ expect }) => expect.media?.includes('image') === true,
    patterns: {
      'openai-chat': /"images":\[/g,
      'openai-responses': /"type":"image_generation_call"/g,
      'anthropic-messages': /"type":"image"|data:image\//g,
      'gemini-generate': /"inlineData":/g,
      'cohere-chat': /"images":\[/g,
    },
  },
]

const recordings = readGoldenRecordings().filter(
  (recording) => recording.expect.outcome === 'ok' && features.some(({ isIn }) => isIn(recording)),
)

let stage: ReplayStage
before(async () => {
  stage = await openReplayStage(recordings)
})
after(() => stage.close())

for (const feature of features) {
  describe(`${feature.name} in an answer`, () => {
    const with_ = recordings.filter((recording) => feature.isIn(recording))
    it('was recorded', () => assert.ok(with_.length > 0))
    for (const door of dialects) {
      const pattern = feature.patterns[door]
      for (const recording of with_) {
        it(`of ${recording.name} ${pattern ? 'is told' : 'has no place'} in the ${door} API`, async () => {
          const isStreamed = recording.reply.stream !== undefined
          const model = stage.modelOf(recording, 'bytes')
          const response = await askRaw(stage.house.address, { dialect: door, model, isStreamed })
          const text = await response.text()
          assert.equal(response.status, 200, text)
          if (!pattern) return
          const times = text.match(pattern)?.length ?? 0
          assert.ok(times >= (feature.timesIn?.(recording) ?? 1), `${times} times in ${text.slice(0, 4_000)}`)
        })
      }
    }
  })
}
