/** generateContent and streamGenerateContent of the Gemini API, read into a question and written back. */
import { Problem } from '#core/domain/problem.ts'
import { writeResponse } from '#http/gemini/gemini-answer.ts'
import { createArrayForm, createEventForm } from '#http/gemini/gemini-stream.ts'
import { readGeminiQuestion } from '#http/gemini/gemini-question.ts'
import type { ReadSurface } from '#http/inference.ts'
import { readWishes } from '#http/wishes.ts'

/** How the one who reads the stream wants it: as server-sent events, or as one JSON array. */
type StreamAlt = 'sse' | 'json'

/** For the model that the address names. */
export function readGenerateContent(model: string, isStreamed: boolean): ReadSurface {
  return (body, { headers, query, requestId }) => {
    const alt = altOf(query)
    const question = readGeminiQuestion(body, isStreamed)
    const wishes = readWishes(headers)
    const head = { responseId: requestId, showsThoughts: question.reasoning?.isShown === true }
    return {
      asked: {
        door: 'gemini-generate',
        dialect: 'gemini-generate',
        question,
        modelAsked: model,
        userId: undefined,
        ...wishes,
      },
      writeWhole: (answer, receipt) => writeResponse(answer, receipt, head),
      openForm: () => (alt === 'sse' ? createEventForm(head) : createArrayForm(head)),
    }
  }
}

/** Source: Google API "System parameters": `alt`, also written `$alt`. */
function altOf(query: Readonly<Record<string, unknown>>): StreamAlt {
  const alt = query['alt'] ?? query['$alt'] ?? 'json'
  if (alt === 'sse' || alt === 'json') return alt
  throw new Problem('invalid_value', {
    param: 'alt',
    detail: 'alt must be sse or json.',
    mend: 'Send alt=sse for server-sent events, or leave it out.',
  })
}
