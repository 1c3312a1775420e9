/** Every feature that a request of POST /v1/messages can use. */
import type { Carry } from '../../../src/core/domain/chat.ts'
import type { JsonObject, JsonValue } from '../../../src/core/domain/json.ts'
import { signThinking } from '../../../src/http/anthropic/carried-thinking.ts'
import {
  city,
  earlier,
  failure,
  form,
  hello,
  laterRule,
  links,
  noteText,
  pdf,
  png,
  rule,
  sunny,
  thought,
  token,
} from './feature-forms.ts'
import type { FeatureForms } from './feature-forms.ts'

const max_tokens = 4_096
const asked = { role: 'user', content: hello } as const
const messages = (...list: readonly JsonObject[]) => ({ max_tokens, messages: list })
const user = (...content: readonly JsonValue[]) => messages({ role: 'user', content })
const text = (words: string) => ({ type: 'text', text: words })
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }
const document = (source: JsonObject) => form(user({ type: 'document', source }, text(hello)))
const plain = (rest: JsonObject) => form({ ...messages(asked), ...rest })
const answered = (...content: readonly JsonValue[]) =>
  form(messages(asked, { role: 'assistant', content }, asked))
const thinking = (signature: string) =>
  answered({ type: 'thinking', thinking: thought, signature }, text(earlier))
const foreign = (carry: Carry) => thinking(signThinking({ own: [carry] }))

const called = (result: JsonObject) =>
  messages(
    asked,
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Oslo' } }],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', ...result }] },
  )
const weather = { name: 'get_weather', description: 'Tells the weather.', input_schema: city }
const clock = { name: 'get_time', input_schema: { type: 'object', properties: {} } }
const tools = [weather, clock]
const schemaFormat = { format: { type: 'json_schema', schema: city } }
const budget = { type: 'enabled', budget_tokens: 2_048, display: 'omitted' }
const effort = { output_config: { effort: 'high' } }

export const anthropicFeatures: FeatureForms = {
  system_prompt: plain({ system: rule }),
  later_instructions: form(
    messages(
      asked,
      { role: 'assistant', content: earlier },
      asked,
      { role: 'system', content: laterRule },
      { role: 'assistant', content: earlier },
      asked,
    ),
  ),
  earlier_turns: answered(text(earlier)),
  tool_results: form({ ...called({ content: sunny }), tools }),
  failed_tool_results: form({ ...called({ content: failure, is_error: true }), tools }),
  media_in_tool_results: form({ ...called({ content: [text(sunny), image] }), tools }),
  thinking_of_openai_chat: foreign({ origin: 'openai-chat', kind: 'signature', value: token }),
  thinking_of_openai_responses: foreign({ origin: 'openai-responses', kind: 'encrypted', value: token }),
  thinking_of_anthropic: thinking(token),
  thinking_of_gemini: foreign({ origin: 'gemini-generate', kind: 'thought_signature', value: token }),
  past_items_of_anthropic: answered(
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'otters' } },
    { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
    text(earlier),
  ),
  items_of_anthropic: form(user({ type: 'container_upload', file_id: 'file_otter' }, text(hello))),
  cache_hints: form(user({ ...text(hello), cache_control: { type: 'ephemeral' } })),
  image_data: form(user(image, text(hello))),
  image_address: form(user({ type: 'image', source: { type: 'url', url: links.image } }, text(hello))),
  pdf_data: document({ type: 'base64', media_type: 'application/pdf', data: pdf }),
  document_address: document({ type: 'url', url: links.pdf }),
  text_document: document({ type: 'text', media_type: 'text/plain', data: noteText }),
  anthropic_file: document({ type: 'file', file_id: 'file_otter' }),
  tools: plain({ tools }),
  strict_tools: plain({ tools: [{ ...weather, strict: true }, clock] }),
  server_tools_of_anthropic: plain({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
  choice_auto: plain({ tools, tool_choice: { type: 'auto' } }),
  choice_required: plain({ tools, tool_choice: { type: 'any' } }),
  choice_none: plain({ tools, tool_choice: { type: 'none' } }),
  choice_named: plain({ tools, tool_choice: { type: 'tool', name: 'get_weather' } }),
  one_call_at_a_time: plain({ tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }),
  one_call_of_a_forced_tool: plain({
    tools,
    tool_choice: { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true },
  }),
  json_schema: plain({ output_config: schemaFormat }),
  json_beside_tools: plain({ tools, output_config: schemaFormat }),
  reasoning_effort: plain(effort),
  reasoning_budget: plain({ thinking: budget }),
  reasoning_off: plain({ thinking: { type: 'disabled' } }),
  reasoning_shown: plain({ thinking: { type: 'adaptive', display: 'summarized' } }),
  tools_while_thinking: plain({ tools, thinking: budget }),
  forced_tool_while_thinking: plain({ tools, tool_choice: { type: 'any' }, ...effort }),
  sampling_while_thinking: plain({ temperature: 0.25, ...effort }),
  streaming: { ...plain({ stream: true }), isStreamed: true },
  output_cap: form({ ...messages(asked), max_tokens: 77 }),
  stop: plain({ stop_sequences: ['END'] }),
  stop_over_four: plain({ stop_sequences: ['a', 'b', 'c', 'd', 'e'] }),
  stop_over_five: plain({ stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'] }),
  temperature: plain({ temperature: 0.25 }),
  top_p: plain({ top_p: 0.5 }),
  temperature_with_top_p: plain({ temperature: 0.25, top_p: 0.5 }),
  top_k: plain({ top_k: 9 }),
  end_user: plain({ metadata: { user_id: 'user-7' } }),
}
