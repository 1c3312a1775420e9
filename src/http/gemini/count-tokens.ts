/** countTokens of the Gemini API: how many tokens a request would count as, for every model. */
import type { CountAnswer } from '#core/domain/errand.ts'
import { asObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ReadErrand } from '#http/errand.ts'
import { readGeminiQuestion } from '#http/gemini/gemini-question.ts'
import { jsonBodyLimits, scanJson } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import { readWishes } from '#http/wishes.ts'

/** For the model that the address names. */
export function readCountTokens(model: string): ReadErrand<'count-tokens'> {
  return (body, { headers }) => ({
    asked: {
      door: 'gemini-count-tokens',
      dialect: 'gemini-generate',
      errand: { kind: 'count-tokens', question: readGeminiQuestion(requestIn(body), false) },
      modelAsked: model,
      userId: undefined,
      ...readWishes(headers),
    },
    write: (answer) => writeCount(answer),
  })
}

/** A whole request may stand inside; else the body holds its contents. Throws `invalid_value` for both at once. */
function requestIn(body: JsonBody): JsonBody {
  const name =
    body.value['generate_content_request'] === undefined
      ? 'generateContentRequest'
      : 'generate_content_request'
  const span = body.members.get(name)
  if (!span || body.value[name] === null) return body
  const value = asObject(body.value[name])
  if (!value || body.value['contents'] !== undefined) {
    throw new Problem('invalid_value', {
      param: name,
      detail: value
        ? `${name} stands beside contents; a request has one of them.`
        : `${name} must be an object.`,
    })
  }
  const text = body.text.slice(span.start, span.end)
  // The body around it was measured already.
  return { value, text, members: scanJson(text, { ...jsonBodyLimits, depthMax: Infinity }).members }
}

function writeCount({ inputTokens, native }: CountAnswer): Uint8Array {
  if (native?.dialect === 'gemini-generate') return native.bytes
  return Buffer.from(
    JSON.stringify({
      totalTokens: inputTokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }],
    }),
  )
}
