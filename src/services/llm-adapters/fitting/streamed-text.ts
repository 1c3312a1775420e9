/** The text of `{"input": "..."}` as its fragments arrive: JSON of one string, decoded without waiting for its end. */
import { textOfArguments } from '#services/llm-adapters/fitting/tool-words.ts'

export interface StreamedText {
  /** The part of the text that this fragment completes. */
  push(fragment: string): string
  /** What is left when the arguments are complete. */
  end(): string
}

/** Up to the quote that opens the text. */
const opening = /^\s*\{\s*"input"\s*:\s*"/
/** Every escape of JSON, a surrogate pair together. */
const escape = /^\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|["\\/bfnrt])/
/** The longest escape: a pair of surrogates. */
const escapeLength = 12

export function createStreamedText(): StreamedText {
  let whole = ''
  /** Where in `whole` the next character of the text stands; -1 while the opening is not complete. */
  let at = -1
  let isClosed = false
  let said = ''

  /** Undecoded text that is safe to decode now: up to the closing quote, or to an escape that is not complete. */
  const decode = (): string => {
    let text = ''
    while (!isClosed && at < whole.length) {
      const character = whole[at] ?? ''
      if (character === '"') isClosed = true
      else if (character === '\\') {
        const found = escape.exec(whole.slice(at, at + escapeLength))?.[0]
        if (found === undefined || mayGoOn(found, whole.length - at)) break
        text += JSON.parse(`"${found}"`) as string
        at += found.length
      } else {
        const end = nextSpecial(whole, at)
        if (end === whole.length && isHighSurrogate(whole, end - 1)) {
          text += whole.slice(at, end - 1)
          at = end - 1
          break
        }
        text += whole.slice(at, end)
        at = end
      }
    }
    return text
  }

  return {
    push(fragment) {
      whole += fragment
      if (at === -1) {
        const found = opening.exec(whole)
        if (!found) return ''
        at = found[0].length
      }
      const text = decode()
      said += text
      return text
    },
    end() {
      const text = textOfArguments(whole)
      // What was said stays said; arguments that turned out to be of another form can only be added to.
      return text.startsWith(said) ? text.slice(said.length) : ''
    },
  }
}

function nextSpecial(text: string, from: number): number {
  const quote = text.indexOf('"', from)
  const slash = text.indexOf('\\', from)
  const ends = [quote, slash].filter((end) => end !== -1)
  return ends.length === 0 ? text.length : Math.min(...ends)
}

const isHighSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xd800

/** Half of a pair of surrogates, whose other half may still come. */
function mayGoOn(found: string, available: number): boolean {
  return found.length === 6 && /^\\u[dD][89abAB]/.test(found) && available < escapeLength
}
