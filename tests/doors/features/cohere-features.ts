/** Every feature that a request of POST /v2/chat can use. */
import type { Carry } from '../../../src/core/domain/chat.ts'
import type { JsonObject, JsonValue } from '../../../src/core/domain/json.ts'
import { writeCarriedToken } from '../../../src/http/carried-token.ts'
import {
  city,
  earlier,
  form,
  hello,
  laterRule,
  links,
  noteText,
  png,
  rule,
  sunny,
  thought,
  token,
} from './feature-forms.ts'
import type { FeatureForms } from './feature-forms.ts'

const asked = { role: 'user', content: hello } as const
const messages = (...list: readonly JsonObject[]) => ({ messages: list })
const user = (...content: readonly JsonValue[]) => form(messages({ role: 'user', content }))
const text = (words: string) => ({ type: 'text', text: words })
const image = (url: string) => ({ type: 'image_url', image_url: { url } })
const plain = (rest: JsonObject) => form({ ...messages(asked), ...rest })
const answered = (content: JsonValue, rest: JsonObject = {}) =>
  form(messages(asked, { role: 'assistant', content, ...rest }, asked))
const foreign = (carry: Carry) =>
  answered([{ type: 'thinking', thinking: thought, carried: writeCarriedToken([carry]) }, text(earlier)])

const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'Tells the weather.', parameters: city },
}
const clock = {
  type: 'function',
  function: { name: 'get_time', parameters: { type: 'object', properties: {} } },
}
const tools = [weather, clock]
const schemaFormat = { type: 'json_object', json_schema: city }
const thinking = { type: 'enabled', token_budget: 2_048 }
/** Cohere shows what it thinks, unasked. */
const thinks = (rest: JsonObject) => form({ ...messages(asked), thinking, ...rest }, 'reasoning_shown')

export const cohereFeatures: FeatureForms = {
  system_prompt: form(messages({ role: 'system', content: rule }, asked)),
  developer_role: form(messages({ role: 'developer', content: rule }, asked)),
  later_instructions: form(
    messages(asked, { role: 'assistant', content: earlier }, { role: 'system', content: laterRule }, asked),
  ),
  earlier_turns: answered(earlier),
  media_in_answers: answered(earlier, { images: [image(`data:image/png;base64,${png}`)] }),
  tool_results: form({
    ...messages(
      asked,
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: sunny },
    ),
    tools,
  }),
  thinking_of_openai_chat: foreign({ origin: 'openai-chat', kind: 'signature', value: token }),
  thinking_of_openai_responses: foreign({ origin: 'openai-responses', kind: 'encrypted', value: token }),
  thinking_of_anthropic: foreign({ origin: 'anthropic-messages', kind: 'signature', value: token }),
  thinking_of_gemini: foreign({ origin: 'gemini-generate', kind: 'thought_signature', value: token }),
  thinking_without_token: answered([{ type: 'thinking', thinking: thought }, text(earlier)]),
  past_items_of_cohere: answered([text(earlier), { type: 'sketch', lines: 3 }]),
  items_of_cohere: user(text(hello), { type: 'sketch', lines: 3 }),
  image_data: user(image(`data:image/png;base64,${png}`), text(hello)),
  image_address: user(image(links.image), text(hello)),
  text_document: plain({ documents: [{ id: 'd1', data: { text: noteText } }] }),
  tools: plain({ tools }),
  strict_tools: plain({ tools, strict_tools: true }),
  choice_required: plain({ tools, tool_choice: 'REQUIRED' }),
  choice_none: plain({ tools, tool_choice: 'NONE' }),
  json_schema: plain({ response_format: schemaFormat }),
  json_without_schema: plain({ response_format: { type: 'json_object' } }),
  json_beside_tools: plain({ tools, response_format: schemaFormat }),
  reasoning_budget: thinks({}),
  reasoning_off: plain({ thinking: { type: 'disabled' } }),
  reasoning_shown: plain({ thinking: { type: 'enabled' } }),
  tools_while_thinking: thinks({ tools }),
  forced_tool_while_thinking: thinks({ tools, tool_choice: 'REQUIRED' }),
  sampling_while_thinking: thinks({ temperature: 0.25 }),
  streaming: { ...plain({ stream: true }), isStreamed: true },
  output_cap: plain({ max_tokens: 77 }),
  stop: plain({ stop_sequences: ['END'] }),
  blank_stop: plain({ stop_sequences: ['END', '\n\n'] }),
  stop_over_four: plain({ stop_sequences: ['a', 'b', 'c', 'd', 'e'] }),
  seed: plain({ seed: 7 }),
  temperature: plain({ temperature: 0.25 }),
  top_p: plain({ p: 0.5 }),
  temperature_with_top_p: plain({ temperature: 0.25, p: 0.5 }),
  top_k: plain({ k: 9 }),
  frequency_penalty: plain({ frequency_penalty: 0.5 }),
  presence_penalty: plain({ presence_penalty: 0.5 }),
  logprobs: plain({ logprobs: true }),
}
