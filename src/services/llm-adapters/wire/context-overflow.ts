/** Whether an error means that the prompt is longer than the model can read, in any provider's wording. */

const codes: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'model_context_window_exceeded',
  'too_many_prompt_tokens',
  'prompt_too_long',
])

/** Phrases in lower case; the text must contain every one of a row. */
const wordings: readonly (readonly string[])[] = [
  ['maximum context length'],
  ['max context length'],
  ['context length', 'exceed'],
  ['context window', 'exceed'],
  ['context size', 'exceed'],
  ['context limit', 'exceed'],
  ['prompt is too long'],
  ['prompt too long'],
  ['input is too long'],
  ['input token count', 'exceeds'],
  ['input tokens exceed'],
  ['too many tokens', 'size limit exceeded'],
  ['too many tokens', 'max tokens must be less'],
  ['total length of all messages is too long'],
  ['reduce the length of the messages'],
  ['please reduce the length'],
  ['too large for model with', 'maximum context'],
  ['this model can handle', 'tokens', 'at most'],
  ['longer than the model', 'context'],
]

/** `code` is the provider's own code or type, `text` what it wrote. */
export function isContextOverflow(code: string | undefined, text: string): boolean {
  if (code !== undefined && codes.has(code.toLowerCase())) return true
  const lower = text.slice(0, 4_000).toLowerCase()
  return wordings.some((phrases) => phrases.every((phrase) => lower.includes(phrase)))
}
