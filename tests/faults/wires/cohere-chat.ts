/** Cohere chat (version 2), as a double speaks it. */
import type { JsonObject } from '#core/domain/json.ts'
import { isCounted, namedFrame, soberUsage, stated } from '#tests/faults/wires/wire.ts'
import type { RefusalKind, Wire, WireUsage } from '#tests/faults/wires/wire.ts'

const usageOf = ({ input, output }: WireUsage): JsonObject => ({
  billed_units: stated({ input_tokens: input, output_tokens: output }),
  tokens: stated({ input_tokens: input, output_tokens: output }),
})

const content = (name: string, text: string): string =>
  namedFrame({
    type: name,
    index: 0,
    delta: { message: { content: name === 'content-start' ? { type: 'text', text } : { text } } },
  })

const ended = (reason: string, usage: WireUsage, more: JsonObject = {}): string =>
  namedFrame({
    type: 'message-end',
    delta: { finish_reason: reason, ...(isCounted(usage) ? { usage: usageOf(usage) } : {}), ...more },
  })

const started = namedFrame({
  type: 'message-start',
  id: 'message-of-the-double',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
})

/** Of a kind of refusal that has a finish word of its own. */
const finishWords: Partial<Readonly<Record<RefusalKind, string>>> = { timeout: 'TIMEOUT' }

export const cohereChatWire: Wire = {
  dialect: 'cohere-chat',
  whole: (speech, usage = soberUsage) => ({
    id: 'message-of-the-double',
    message: { role: 'assistant', content: [{ type: 'text', text: speech.words.join('') }] },
    finish_reason: 'COMPLETE',
    ...(isCounted(usage) ? { usage: usageOf(usage) } : {}),
  }),
  stream: (speech, usage = soberUsage) => ({
    opening: [started, content('content-start', '')],
    deltas: speech.words.map((text) => content('content-delta', text)),
    ending: [namedFrame({ type: 'content-end', index: 0 }), ended('COMPLETE', usage)],
    terminator: 'data: [DONE]\n\n',
  }),
  refusal: (_, message) => ({ id: 'message-of-the-double', message }),
  streamedError: (kind, message) =>
    ended(finishWords[kind] ?? 'ERROR', { input: undefined, output: undefined }, { error: message }),
  empty: () => ({ id: 'message-of-the-double', finish_reason: 'COMPLETE' }),
  unknownEvent: namedFrame({ type: 'later-invention', level: 3 }),
  wordlessEvent: () => content('content-delta', ''),
}
