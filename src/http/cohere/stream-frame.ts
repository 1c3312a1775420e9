/** One frame of Cohere's event stream. */

const doneWord = '[DONE]'
/** The same text in JSON. */
const doneEscaped = '\\u005bDONE]'

export const doneFrame = `data: ${doneWord}\n\n`

/**
 * `data` is a JSON object without its `type`, which is put in front. The official client takes any data that contains
 * `[DONE]` for the end of the stream, so a model that writes this word must not end its own answer.
 */
export function streamFrame(type: string, data: string): string {
  const safe = data.includes(doneWord) ? data.replaceAll(doneWord, doneEscaped) : data
  const rest = safe === '{}' ? '}' : `,${safe.slice(1)}`
  return `event: ${type}\ndata: {"type":"${type}"${rest}\n\n`
}
