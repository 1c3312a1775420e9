/** Members of a request that only its own API has a meaning for: told to the caller when another target is asked. */
import type { ChatQuestion, Dialect } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** The members that have words in the common form, by the API that names them so. */
const saidMembers: Readonly<Partial<Record<Dialect, ReadonlySet<string>>>> = {
  'openai-chat': names(
    'model messages stream stream_options max_completion_tokens max_tokens temperature top_p top_k n stop seed frequency_penalty presence_penalty logprobs top_logprobs modalities audio tools tool_choice parallel_tool_calls functions function_call response_format reasoning_effort user safety_identifier',
  ),
  'openai-responses': names(
    'model input instructions stream stream_options max_output_tokens temperature top_p top_logprobs tools tool_choice parallel_tool_calls text reasoning include user safety_identifier',
  ),
  'cohere-chat': names(
    'model messages stream max_tokens stop_sequences temperature p k seed frequency_penalty presence_penalty logprobs tools tool_choice strict_tools response_format thinking documents citation_options safety_mode',
  ),
}

/** Values that mean the same as leaving the member out. */
const usualValues: Readonly<Record<string, JsonValue>> = {
  store: false,
  background: false,
  truncation: 'disabled',
  service_tier: 'auto',
  priority: 0,
}

/** What the door has found, or what its API's list of members leaves over. */
export function unsaidMembers({ unsaid, native }: ChatQuestion): readonly string[] {
  const said = native && saidMembers[native.dialect]
  if (!said) return unsaid ?? []
  const left = [...(unsaid ?? [])]
  for (const [name, value] of Object.entries(native.body)) {
    const isStated = value !== null && value !== undefined && usualValues[name] !== value
    if (isStated && !said.has(name)) left.push(name)
  }
  // The one member of a nested object that has no word of its own.
  if (asObject(native.body['text'])?.['verbosity']) left.push('text.verbosity')
  return left
}
