/** The grammar of streamGenerateContent with `alt=sse` (Gemini API reference): whole response objects, no closing mark. */
import { asArray, asCount, asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createFaults, objectAt, writtenFrames } from './frames.ts'
import type { CheckGrammar, Faults } from './frames.ts'

export const checkGeminiGenerate: CheckGrammar = (stream, ending) => {
  const faults = createFaults()
  const frames = writtenFrames(stream, faults)
  const finished = new Map<number, boolean>()
  let isBlocked = false
  for (const [place, { event, data, text }] of frames.entries()) {
    const isLast = place === frames.length - 1
    faults.require(event === undefined, `a frame is named ${event}`)
    faults.require(text !== '[DONE]', 'a closing mark, which this API has not')
    if (!data) {
      faults.require(false, `data that is no object: ${text.slice(0, 100)}`)
      continue
    }
    if (data['error'] !== undefined) {
      const error = objectAt(data, 'error')
      faults.require(isLast && ending === 'broken', 'an error before the end')
      faults.require(
        typeof error?.['code'] === 'number' && typeof error['message'] === 'string',
        'a strange error',
      )
      continue
    }
    if (objectAt(data, 'promptFeedback')?.['blockReason'] !== undefined) isBlocked = true
    for (const candidate of asArray(data['candidates']))
      checkCandidate(asObject(candidate) ?? {}, finished, faults)
  }
  if (ending === 'whole') {
    faults.require(finished.size > 0 || isBlocked, 'no candidate')
    for (const [index, isFinished] of finished)
      faults.require(isFinished, `candidate ${index} never finishes`)
  } else {
    faults.require(frames.at(-1)?.data?.['error'] !== undefined, 'a break without an error')
  }
  return faults.found
}

function checkCandidate(candidate: JsonObject, finished: Map<number, boolean>, faults: Faults): void {
  const index = candidate['index'] === undefined ? 0 : asCount(candidate['index'])
  faults.require(index !== null, `a candidate is numbered ${JSON.stringify(candidate['index'])}`)
  const content = asObject(candidate['content'])
  const parts = asArray(content?.['parts'])
  faults.require(
    parts.length === 0 || finished.get(index ?? 0) !== true,
    'a candidate goes on after its finish',
  )
  if (content) faults.require(content['role'] === 'model', `role ${JSON.stringify(content['role'])}`)
  for (const value of parts) checkPart(asObject(value), faults)
  const reason = candidate['finishReason']
  faults.require(reason === undefined || typeof reason === 'string', 'a finish that is no word')
  finished.set(index ?? 0, finished.get(index ?? 0) === true || reason !== undefined)
}

/** A part says one thing, beside what is said about it. */
function checkPart(part: JsonObject | undefined, faults: Faults): void {
  if (!part) {
    faults.require(false, 'a part that is no object')
    return
  }
  const about = ['thought', 'thoughtSignature', 'videoMetadata', 'partMetadata', 'mediaResolution']
  const said = Object.keys(part).filter((name) => !about.includes(name))
  faults.require(said.length <= 1, `a part says ${said.join(' and ')}`)
  const call = asObject(part['functionCall'])
  if (!call) return
  faults.require(typeof call['name'] === 'string', 'a call without name')
  faults.require(
    call['args'] === undefined || asObject(call['args']) !== undefined,
    'arguments that are no object',
  )
}
