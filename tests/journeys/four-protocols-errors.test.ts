/** What four providers refuse, through the whole gateway: the called API's own error, nothing charged, nothing held. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import OpenAI from 'openai'
import type { Dialect } from '#core/domain/chat.ts'
import type { JsonValue } from '#core/domain/json.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { problemCatalogue } from '#core/domain/problem-catalogue.ts'
import { askings, assertAskedRightly, openStage, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { Asking, ProviderStage } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, rowsOf } from '#tests/journeys/records.ts'
import type { Recording } from '#tests/support/recording.ts'

interface Refused {
  readonly code: string
  readonly message: string
  readonly mend: string
  readonly provider: string
  readonly retryable: boolean
  readonly request_id: string
}

/** Refusals that nobody has recorded, as the providers document them. */
const documented: readonly (readonly [Dialect, number, JsonValue, ProblemCode])[] = [
  [
    'openai-chat',
    401,
    {
      error: {
        message: 'Incorrect API key provided: sk-ope***test.',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
    'provider_auth',
  ],
  [
    'openai-chat',
    500,
    { error: { message: 'The server had an error.', type: 'server_error' } },
    'provider_error',
  ],
  [
    'anthropic-messages',
    401,
    { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
    'provider_auth',
  ],
  [
    'gemini-generate',
    400,
    {
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
      },
    },
    'provider_auth',
  ],
  ['cohere-chat', 404, { message: "model 'some-command-2026' not found" }, 'provider_model_missing'],
  [
    'cohere-chat',
    429,
    { message: 'You are using a trial key, which is limited to 20 calls.' },
    'provider_rate_limited',
  ],
  ['cohere-chat', 400, { message: 'invalid request: messages must not be empty' }, 'provider_rejected'],
]

function recordingFrom([dialect, status, body, code]: (typeof documented)[number]): Recording {
  return {
    name: `as documented ${status} ${code}`,
    dialect,
    provider: '',
    model: '',
    source: { repository: '', commit: '', path: '', licence: '' },
    features: [],
    reply: { status, headers: { 'content-type': 'application/json' }, body },
    expect: { outcome: 'error', problem: { code } },
  }
}

const refusals = (asking: Asking) => [
  ...recordingsOf(asking).filter(({ expect }) => expect.outcome === 'error'),
  ...documented.filter(([dialect]) => dialect === asking.dialect).map(recordingFrom),
]

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

for (const asking of askings) {
  describe(`${asking.dialect} refuses`, () => {
    for (const recording of refusals(asking)) {
      const code = recording.expect.problem?.code
      for (const [path, headers] of [
        ['/v1/generate', {}],
        ['/v1/generate/stream', {}],
        ['/v1/generate/stream', { accept: 'text/event-stream' }],
      ] as const) {
        const form = Object.keys(headers).length > 0 ? ' as events' : ''
        it(`POST ${path}${form} says so before anything is sent: ${recording.name}`, async () => {
          stage.play(recording)
          const body = { prompt: 'Go on.', model: asking.model, max_tokens: 100 }
          const response = await stage.house.post(path, body, headers)
          const { error } = (await response.json()) as { readonly error: Refused }
          checkSentence(asking, recording, error.message)
          if (code) assert.equal(error.code, code, error.message)
          const kind = problemCatalogue[error.code as ProblemCode]
          assert.equal(response.status, kind.status)
          assert.equal(error.retryable, kind.isRetryable)
          assert.equal(response.headers.get('x-should-retry'), String(kind.isRetryable))
          assert.equal(error.provider, asking.provider)
          assert.notEqual(error.mend, '')
          checkDelay(recording, response)
          await checkBooks(asking, recording, error)
        })
      }

      for (const stream of [false, true]) {
        it(`the official client throws ${stream ? 'before a stream' : ''}: ${recording.name}`, async () => {
          stage.play(recording)
          const messages = [{ role: 'user', content: 'Go on.' }] as const
          const asked = stage.client.chat.completions.create({
            model: asking.model,
            messages: [...messages],
            max_completion_tokens: 100,
            stream,
          })
          const error = await asked.then(
            () => assert.fail('no error'),
            (thrown: unknown) => thrown,
          )
          assert.ok(error instanceof OpenAI.APIError)
          checkSentence(asking, recording, error.message)
          if (code === 'provider_rate_limited') assert.ok(error instanceof OpenAI.RateLimitError)
          else if (code) {
            assert.equal(error.code, code)
            assert.equal(error.status, problemCatalogue[code].status)
          }
          await checkBooks(asking, recording, { request_id: error.requestID ?? '' })
        })
      }
    }

    it('and holds nothing afterwards', () => assertNothingHeld(stage.house))
  })
}

/** The provider's reason, under its name, without a key. */
function checkSentence(asking: Asking, recording: Recording, sentence: string): void {
  assert.ok(sentence.includes(`${asking.provider}: `), sentence)
  assert.ok(!sentence.includes(asking.key), sentence)
  assert.doesNotMatch(sentence, /\[object|undefined|"error"/)
  assert.equal(stage.received().length, 1, `${recording.name} is not tried again`)
  assertAskedRightly(asking, stage.received()[0])
}

function checkDelay({ expect }: Recording, response: Response): void {
  const delayMs = expect.problem?.retryAfterMs
  if (delayMs === undefined || response.headers.get('x-should-retry') === 'false') return
  const seconds = Number(response.headers.get('retry-after'))
  assert.ok(seconds >= delayMs / 1_000 && seconds <= delayMs / 1_000 + 1, `retry after ${seconds} s`)
}

async function checkBooks(
  asking: Asking,
  { reply }: Recording,
  { request_id: requestId, code }: { readonly request_id: string; readonly code?: string },
): Promise<void> {
  const rows = await rowsOf(stage.house, requestId)
  assert.deepEqual(rows.map(({ kind }) => kind).sort(), ['failed', 'refused'])
  for (const row of rows) {
    assert.equal(row.cost_nano_usd, 0)
    if (code) assert.equal(row.problem, code)
    assert.equal(row.output_tokens, 0)
  }
  const failed = rows.find(({ kind }) => kind === 'failed')
  assert.equal(failed?.provider, asking.provider)
  assert.equal(failed.status, reply.status)
}
