/** Gemini generateContent, as a double speaks it: whole response objects, lines ended by CRLF, no terminator. */
import type { JsonObject } from '#core/domain/json.ts'
import { dataFrame, isCounted, soberUsage, stated } from '#tests/faults/wires/wire.ts'
import type { RefusalKind, Speech, Wire, WireUsage } from '#tests/faults/wires/wire.ts'

const words: Readonly<Record<RefusalKind, readonly [code: number, status: string]>> = {
  invalid: [400, 'INVALID_ARGUMENT'],
  auth: [401, 'UNAUTHENTICATED'],
  permission: [403, 'PERMISSION_DENIED'],
  quota: [402, 'PAYMENT_REQUIRED'],
  missing: [404, 'NOT_FOUND'],
  limited: [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  internal: [500, 'INTERNAL'],
}

const usageOf = ({ input, output }: WireUsage): JsonObject =>
  stated({
    promptTokenCount: input,
    candidatesTokenCount: output,
    totalTokenCount: input === undefined || output === undefined ? undefined : input + output,
  })

const reply = (speech: Speech, text: string, more: JsonObject = {}, usage?: WireUsage): JsonObject => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
  ...(usage && isCounted(usage) ? { usageMetadata: usageOf(usage) } : {}),
  modelVersion: speech.model,
  responseId: 'response-of-the-double',
})

const frame = (data: JsonObject): string => dataFrame(data).replaceAll('\n', '\r\n')

const refusal = (kind: RefusalKind, message: string): JsonObject => ({
  error: { code: words[kind][0], message, status: words[kind][1] },
})

export const geminiGenerateWire: Wire = {
  dialect: 'gemini-generate',
  whole: (speech, usage = soberUsage) =>
    reply(speech, speech.words.join(''), { finishReason: 'STOP' }, usage),
  stream: (speech, usage = soberUsage) => ({
    opening: [],
    deltas: speech.words.map((text) => frame(reply(speech, text))),
    ending: [frame(reply(speech, '', { finishReason: 'STOP' }, usage))],
    terminator: undefined,
  }),
  refusal,
  streamedError: (kind, message) => frame(refusal(kind, message)),
  empty: (speech) => ({ candidates: [], modelVersion: speech.model, responseId: 'response-of-the-double' }),
  besideWord: (speech, text) => frame(reply(speech, text, { index: 1, finishReason: 'STOP' })),
  unknownEvent: frame({ laterInvention: { level: 3 }, responseId: 'response-of-the-double' }),
  wordlessEvent: (speech) => frame({ modelVersion: speech.model, responseId: 'response-of-the-double' }),
}
