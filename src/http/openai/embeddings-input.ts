/** The input of POST /v1/embeddings: a text, texts, tokens, or lists of tokens. */
import type { ErrandInput } from '#core/domain/errand.ts'
import { Problem } from '#core/domain/problem.ts'

/** Source: OpenAI API reference, "Create embeddings". */
const inputsMax = 2_048

/** Throws `missing_field` and `invalid_value`, naming the first entry that is wrong. */
export function readEmbeddingInputs(input: unknown): readonly ErrandInput[] {
  if (input === undefined || input === null) {
    throw new Problem('missing_field', { param: 'input', detail: 'input is required.' })
  }
  if (typeof input === 'string') return [readText(input, 'input')]
  if (!Array.isArray(input)) throw wrong('input', 'must be a text, texts, or tokens')
  const entries: readonly unknown[] = input
  const [first] = entries
  if (first === undefined) throw wrong('input', 'is empty')
  if (typeof first === 'number') return [{ kind: 'tokens', tokens: readTokens(entries, 'input') }]
  if (entries.length > inputsMax) {
    throw new Problem('invalid_value', {
      param: 'input',
      detail: `input has ${entries.length} entries; at most ${inputsMax} are taken in one request.`,
      mend: 'Send the inputs in several requests.',
      facts: { inputs: entries.length, inputs_max: inputsMax },
    })
  }
  return typeof first === 'string'
    ? entries.map((entry, position) => readText(entry, `input[${position}]`))
    : entries.map((entry, position) => readTokenList(entry, `input[${position}]`))
}

function readText(entry: unknown, param: string): ErrandInput {
  if (typeof entry !== 'string') throw wrong(param, 'must be a text, as the entries before it are')
  if (entry === '') throw wrong(param, 'is empty')
  return { kind: 'text', text: entry }
}

function readTokenList(entry: unknown, param: string): ErrandInput {
  if (!Array.isArray(entry)) throw wrong(param, 'must be a list of tokens')
  if (entry.length === 0) throw wrong(param, 'is empty')
  return { kind: 'tokens', tokens: readTokens(entry, param) }
}

function readTokens(entries: readonly unknown[], param: string): readonly number[] {
  const position = entries.findIndex((entry) => !Number.isSafeInteger(entry) || (entry as number) < 0)
  if (position !== -1) throw wrong(`${param}[${position}]`, 'must be a token: a whole number from 0')
  return entries as readonly number[]
}

const wrong = (param: string, what: string) =>
  new Problem('invalid_value', { param, detail: `${param} ${what}.` })
