/** OpenAI chat completions, as a double speaks them. */
import type { JsonObject } from '#core/domain/json.ts'
import { dataFrame, isCounted, soberUsage, stated } from '#tests/faults/wires/wire.ts'
import type { RefusalKind, Speech, Wire, WireUsage } from '#tests/faults/wires/wire.ts'

const codes: Readonly<Record<RefusalKind, readonly [type: string, code: string | null]>> = {
  invalid: ['invalid_request_error', null],
  auth: ['invalid_request_error', 'invalid_api_key'],
  permission: ['permission_error', 'unsupported_country_region_territory'],
  quota: ['insufficient_quota', 'insufficient_quota'],
  missing: ['invalid_request_error', 'model_not_found'],
  limited: ['requests', 'rate_limit_exceeded'],
  overloaded: ['server_error', 'engine_overloaded'],
  timeout: ['timeout_error', null],
  internal: ['server_error', null],
}

const usageOf = ({ input, output }: WireUsage): JsonObject =>
  stated({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input === undefined || output === undefined ? undefined : input + output,
  })

const head = ({ model }: Speech, object: string): JsonObject => ({
  id: 'chatcmpl-of-the-double',
  object,
  created: 1_790_000_000,
  model,
})

const chunk = (speech: Speech, delta: JsonObject, finish: string | null = null): string =>
  dataFrame({
    ...head(speech, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  })

const refusal = (kind: RefusalKind, message: string): JsonObject => ({
  error: { message, type: codes[kind][0], param: null, code: codes[kind][1] },
})

export const openaiChatWire: Wire = {
  dialect: 'openai-chat',
  whole: (speech, usage = soberUsage) => ({
    ...head(speech, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: speech.words.join(''), refusal: null },
        finish_reason: 'stop',
      },
    ],
    ...(isCounted(usage) ? { usage: usageOf(usage) } : {}),
  }),
  stream: (speech, usage = soberUsage) => ({
    opening: [chunk(speech, { role: 'assistant', content: '' })],
    deltas: speech.words.map((content) => chunk(speech, { content })),
    ending: [
      chunk(speech, {}, 'stop'),
      ...(isCounted(usage)
        ? [dataFrame({ ...head(speech, 'chat.completion.chunk'), choices: [], usage: usageOf(usage) })]
        : []),
    ],
    terminator: 'data: [DONE]\n\n',
  }),
  refusal,
  streamedError: (kind, message) => dataFrame(refusal(kind, message)),
  empty: (speech) => ({ ...head(speech, 'chat.completion'), choices: [] }),
  besideWord: (speech, content) =>
    dataFrame({
      ...head(speech, 'chat.completion.chunk'),
      choices: [{ index: 1, delta: { content }, finish_reason: 'stop' }],
    }),
  unknownEvent: dataFrame({
    id: 'chatcmpl-of-the-double',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'the-double',
    choices: [],
    later_invention: { level: 3 },
  }),
  wordlessEvent: (speech) => chunk(speech, { role: 'assistant', content: '' }),
}
