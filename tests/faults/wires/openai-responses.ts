/** OpenAI Responses, as a double speaks them: every event is named and numbered. */
import type { JsonObject } from '#core/domain/json.ts'
import { isCounted, namedFrame, soberUsage, stated } from '#tests/faults/wires/wire.ts'
import type { RefusalKind, Speech, Wire, WireUsage } from '#tests/faults/wires/wire.ts'
import { openaiChatWire } from '#tests/faults/wires/openai-chat.ts'

const usageOf = ({ input, output }: WireUsage): JsonObject => ({
  ...stated({ input_tokens: input, output_tokens: output }),
  ...stated({ total_tokens: input === undefined || output === undefined ? undefined : input + output }),
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
})

const textPart = (text: string): JsonObject => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: [],
})

const message = (status: string, content: JsonObject[]): JsonObject => ({
  id: 'msg_of_the_double',
  type: 'message',
  role: 'assistant',
  status,
  content,
})

const response = (speech: Speech, status: string, more: JsonObject): JsonObject => ({
  id: 'resp_of_the_double',
  object: 'response',
  created_at: 1_790_000_000,
  model: speech.model,
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  output: [],
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  usage: null,
  ...more,
})

const finished = (speech: Speech, usage: WireUsage): JsonObject =>
  response(speech, 'completed', {
    output: [message('completed', [textPart(speech.words.join(''))])],
    ...(isCounted(usage) ? { usage: usageOf(usage) } : {}),
  })

const place = { item_id: 'msg_of_the_double', output_index: 0, content_index: 0 }

/** The events before the words are three, each word is one. */
const openingCount = 4

export const openaiResponsesWire: Wire = {
  dialect: 'openai-responses',
  whole: (speech, usage = soberUsage) => finished(speech, usage),
  stream(speech, usage = soberUsage) {
    const text = speech.words.join('')
    const opening: JsonObject[] = [
      { type: 'response.created', response: response(speech, 'in_progress', {}) },
      { type: 'response.in_progress', response: response(speech, 'in_progress', {}) },
      { type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) },
      { type: 'response.content_part.added', ...place, part: textPart('') },
    ]
    const deltas: JsonObject[] = speech.words.map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
    }))
    const ending: JsonObject[] = [
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: textPart(text) },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: message('completed', [textPart(text)]),
      },
    ]
    const last: JsonObject = { type: 'response.completed', response: finished(speech, usage) }
    const numbered = (events: readonly JsonObject[], from: number) =>
      events.map((event, at) => namedFrame({ ...event, sequence_number: from + at }))
    const afterWords = openingCount + deltas.length
    return {
      opening: numbered(opening, 0),
      deltas: numbered(deltas, openingCount),
      ending: numbered(ending, afterWords),
      terminator: numbered([last], afterWords + ending.length).join(''),
    }
  },
  refusal: (kind, text) => openaiChatWire.refusal(kind, text),
  streamedError: (kind, text) =>
    namedFrame({
      type: 'error',
      code: errorCodes[kind] ?? 'server_error',
      message: text,
      param: null,
      sequence_number: 4,
    }),
  empty: () => ({ object: 'response' }),
  unknownEvent: namedFrame({ type: 'response.later_invention', level: 3, sequence_number: 4 }),
  wordlessEvent: () => namedFrame({ type: 'keepalive', sequence_number: 4 }),
}

const errorCodes: Partial<Readonly<Record<RefusalKind, string>>> = {
  overloaded: 'server_overloaded',
  limited: 'rate_limit_exceeded',
  internal: 'server_error',
}
