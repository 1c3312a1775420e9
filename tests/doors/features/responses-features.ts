/** Every feature that a request of POST /v1/responses can use. */
import type { Carry } from '../../../src/core/domain/chat.ts'
import type { JsonObject, JsonValue } from '../../../src/core/domain/json.ts'
import { writeCarriedToken } from '../../../src/http/carried-token.ts'
import {
  city,
  docx,
  docxType,
  earlier,
  form,
  hello,
  laterRule,
  links,
  note,
  pdf,
  png,
  rule,
  sql,
  sunny,
  thought,
  token,
  wav,
} from './feature-forms.ts'
import type { FeatureForms } from './feature-forms.ts'

const asked = { role: 'user', content: hello } as const
const input = (...items: readonly JsonObject[]) => ({ input: items })
const user = (...content: readonly JsonValue[]) => input({ role: 'user', content })
const text = (words: string) => ({ type: 'input_text', text: words })
const image = { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${png}` }
const answer = { role: 'assistant', content: [{ type: 'output_text', text: earlier, annotations: [] }] }
const plain = (rest: JsonObject) => form({ input: hello, ...rest })
const thinking = (encrypted_content: string) =>
  form(input(asked, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content }, answer, asked))
const foreign = (carry: Carry) => thinking(writeCarriedToken([carry]))

const called = (output: JsonValue) =>
  input(
    asked,
    { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { type: 'function_call_output', call_id: 'call_1', output },
  )
/** Strictness is the usual here, so its absence is said. */
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather.',
  parameters: city,
  strict: false,
}
const clock = {
  type: 'function',
  name: 'get_time',
  parameters: { type: 'object', properties: {} },
  strict: false,
}
const tools = [weather, clock]
const schemaFormat = { format: { type: 'json_schema', name: 'place', schema: city, strict: true } }

export const responsesFeatures: FeatureForms = {
  system_prompt: plain({ instructions: rule }),
  developer_role: form(input({ role: 'developer', content: rule }, asked)),
  later_instructions: form(input(asked, answer, { role: 'system', content: laterRule }, asked)),
  media_in_instructions: form(input({ role: 'system', content: [text(rule), image] }, asked)),
  earlier_turns: form(input(asked, answer, asked)),
  media_in_answers: form(
    input(asked, { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: png }, asked),
  ),
  tool_results: form({ ...called(sunny), tools }),
  media_in_tool_results: form({ ...called([text(sunny), image]), tools }),
  thinking_of_openai_chat: foreign({ origin: 'openai-chat', kind: 'signature', value: token }),
  thinking_of_openai_responses: thinking(token),
  thinking_of_anthropic: foreign({ origin: 'anthropic-messages', kind: 'signature', value: token }),
  thinking_of_gemini: foreign({ origin: 'gemini-generate', kind: 'thought_signature', value: token }),
  thinking_without_token: form(
    input(
      asked,
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: thought }] },
      answer,
      asked,
    ),
  ),
  past_items_of_openai_responses: form(
    input(asked, { type: 'web_search_call', id: 'ws_1', status: 'completed' }, answer, asked),
  ),
  items_of_openai_responses: form(user(text(hello), { type: 'input_sketch', lines: 3 })),
  cache_hints: form(user({ ...text(hello), prompt_cache_breakpoint: {} })),
  image_data: form(user(image, text(hello))),
  image_address: form(user({ type: 'input_image', detail: 'auto', image_url: links.image }, text(hello))),
  pdf_data: form(
    user({ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` }),
  ),
  document_address: form(user({ type: 'input_file', file_url: links.pdf })),
  text_document: form(
    user({ type: 'input_file', filename: 'a.txt', file_data: `data:text/plain;base64,${note}` }),
  ),
  other_document: form(
    user({ type: 'input_file', filename: 'a.docx', file_data: `data:${docxType};base64,${docx}` }),
  ),
  audio_data: form(user({ type: 'input_audio', input_audio: { data: wav, format: 'wav' } })),
  openai_file: form(user({ type: 'input_file', file_id: 'file-otter' })),
  openai_image_file: form(user({ type: 'input_image', detail: 'auto', file_id: 'file-otter' })),
  tools: plain({ tools }),
  strict_tools: plain({ tools: [{ ...weather, strict: true }, clock] }),
  custom_tools: form({
    ...input(
      asked,
      { type: 'custom_tool_call', call_id: 'call_1', name: 'run_sql', input: sql },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: sunny },
    ),
    tools: [{ type: 'custom', name: 'run_sql', description: 'Runs SQL.' }],
  }),
  custom_grammar: plain({
    tools: [
      {
        type: 'custom',
        name: 'run_sql',
        format: { type: 'grammar', syntax: 'regex', definition: 'select .*' },
      },
    ],
  }),
  server_tools_of_openai_responses: plain({ tools: [{ type: 'web_search' }] }),
  choice_auto: plain({ tools, tool_choice: 'auto' }),
  choice_required: plain({ tools, tool_choice: 'required' }),
  choice_none: plain({ tools, tool_choice: 'none' }),
  choice_named: plain({ tools, tool_choice: { type: 'function', name: 'get_weather' } }),
  choice_allowed: plain({
    tools,
    tool_choice: {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'get_weather' }],
    },
  }),
  one_call_at_a_time: plain({ tools, parallel_tool_calls: false }),
  one_call_of_a_forced_tool: plain({
    tools,
    tool_choice: { type: 'function', name: 'get_weather' },
    parallel_tool_calls: false,
  }),
  json_schema: plain({ text: schemaFormat }),
  json_without_schema: plain({ text: { format: { type: 'json_object' } } }),
  json_beside_tools: plain({ tools, text: schemaFormat }),
  reasoning_effort: plain({ reasoning: { effort: 'high' } }),
  reasoning_off: plain({ reasoning: { effort: 'none' } }),
  reasoning_shown: plain({ reasoning: { effort: 'high', summary: 'auto' } }),
  tools_while_thinking: plain({ tools, reasoning: { effort: 'high' } }),
  forced_tool_while_thinking: plain({ tools, tool_choice: 'required', reasoning: { effort: 'high' } }),
  sampling_while_thinking: plain({ temperature: 0.25, reasoning: { effort: 'high' } }),
  streaming: { ...plain({ stream: true }), isStreamed: true },
  output_cap: plain({ max_output_tokens: 77 }),
  temperature: plain({ temperature: 0.25 }),
  high_temperature: plain({ temperature: 1.75 }),
  top_p: plain({ top_p: 0.5 }),
  temperature_with_top_p: plain({ temperature: 0.25, top_p: 0.5 }),
  logprobs: plain({ include: ['message.output_text.logprobs'] }),
  alternative_tokens: plain({ include: ['message.output_text.logprobs'], top_logprobs: 2 }),
  end_user: plain({ safety_identifier: 'user-7' }),
}
