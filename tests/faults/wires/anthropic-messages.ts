/** Anthropic Messages, as a double speaks them. */
import type { JsonObject } from '#core/domain/json.ts'
import { namedFrame, soberUsage, stated } from '#tests/faults/wires/wire.ts'
import type { RefusalKind, Speech, Wire, WireUsage } from '#tests/faults/wires/wire.ts'

const types: Readonly<Record<RefusalKind, string>> = {
  invalid: 'invalid_request_error',
  auth: 'authentication_error',
  permission: 'permission_error',
  quota: 'billing_error',
  missing: 'not_found_error',
  limited: 'rate_limit_error',
  overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  internal: 'api_error',
}

const message = (speech: Speech, more: JsonObject): JsonObject => ({
  id: 'msg_of_the_double',
  type: 'message',
  role: 'assistant',
  model: speech.model,
  stop_sequence: null,
  ...more,
})

const usageOf = ({ input, output }: WireUsage): JsonObject =>
  stated({ input_tokens: input, output_tokens: output })

const refusal = (kind: RefusalKind, text: string): JsonObject => ({
  type: 'error',
  error: { type: types[kind], message: text },
  request_id: 'req_of_the_double',
})

export const anthropicMessagesWire: Wire = {
  dialect: 'anthropic-messages',
  whole: (speech, usage = soberUsage) =>
    message(speech, {
      content: [{ type: 'text', text: speech.words.join('') }],
      stop_reason: 'end_turn',
      usage: usageOf(usage),
    }),
  stream: (speech, usage = soberUsage) => ({
    opening: [
      namedFrame({
        type: 'message_start',
        message: message(speech, {
          content: [],
          stop_reason: null,
          usage: usageOf({ ...usage, output: usage.output === undefined ? undefined : 1 }),
        }),
      }),
      namedFrame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ],
    deltas: speech.words.map((text) =>
      namedFrame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ),
    ending: [
      namedFrame({ type: 'content_block_stop', index: 0 }),
      namedFrame({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: stated({ output_tokens: usage.output }),
      }),
    ],
    terminator: namedFrame({ type: 'message_stop' }),
  }),
  refusal,
  streamedError: (kind, text) => namedFrame(refusal(kind, text)),
  empty: (speech) => message(speech, { stop_reason: 'end_turn', usage: usageOf(soberUsage) }),
  unknownEvent: namedFrame({ type: 'later_invention', level: 3 }),
  wordlessEvent: () =>
    namedFrame({ type: 'ping' }) +
    namedFrame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } }),
}
