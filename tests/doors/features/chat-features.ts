/** Every feature that a request of POST /v1/chat/completions can use. */
import type { JsonObject, JsonValue } from '../../../src/core/domain/json.ts'
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
  ogg,
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
const messages = (...list: readonly JsonObject[]) => ({ messages: list })
const user = (...content: readonly JsonValue[]) => messages({ role: 'user', content })
const text = (words: string) => ({ type: 'text', text: words })
const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }
const plain = (rest: JsonObject) => form({ ...messages(asked), ...rest })
const answered = (rest: JsonObject) =>
  messages(asked, { role: 'assistant', content: earlier, ...rest }, asked)
const detail = (rest: JsonObject) => form(answered({ reasoning_details: [{ ...rest, text: thought }] }))

const call = {
  id: 'call_1',
  type: 'function',
  function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
}
const called = (content: JsonValue) =>
  messages(
    asked,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content },
  )
const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'Tells the weather.', parameters: city },
}
const clock = { type: 'function', function: { name: 'get_time' } }
const tools = [weather, clock]
const runSql = { type: 'custom', custom: { name: 'run_sql', description: 'Runs SQL.' } }
const schemaFormat = { type: 'json_schema', json_schema: { name: 'place', schema: city, strict: true } }
/** Without it a model that thinks unasked would count as thinking beside its tools. */
const unthinking = { reasoning_effort: 'none' }

export const chatFeatures: FeatureForms = {
  system_prompt: form(messages({ role: 'system', content: rule }, asked)),
  developer_role: form(messages({ role: 'developer', content: rule }, asked)),
  later_instructions: form(
    messages(asked, { role: 'assistant', content: earlier }, { role: 'system', content: laterRule }, asked),
  ),
  media_in_instructions: form(messages({ role: 'system', content: [text(rule), image] }, asked)),
  earlier_turns: form(answered({})),
  media_in_answers: form(messages(asked, { role: 'assistant', content: [text(earlier), image] }, asked)),
  tool_results: form({ ...called(sunny), tools }),
  media_in_tool_results: form({ ...called([text(sunny), image]), tools }),
  thinking_of_openai_chat: detail({ type: 'reasoning.text', signature: token, format: 'openai-chat-v1' }),
  thinking_of_openai_responses: detail({
    type: 'reasoning.encrypted',
    data: token,
    format: 'openai-responses-v1',
  }),
  thinking_of_anthropic: detail({
    type: 'reasoning.text',
    signature: token,
    format: 'anthropic-claude-v1',
  }),
  thinking_of_gemini: form(
    messages(
      asked,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...call, extra_content: { google: { thought_signature: token } } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: sunny },
    ),
  ),
  thinking_without_token: form(answered({ reasoning_content: thought })),
  past_items_of_openai_chat: form(
    messages(asked, { role: 'assistant', content: [text(earlier), { type: 'sketch', lines: 3 }] }, asked),
  ),
  items_of_openai_chat: form(user(text(hello), { type: 'sketch', lines: 3 })),
  cache_hints: form(user({ ...text(hello), cache_control: { type: 'ephemeral' } })),
  image_data: form(user(image, text(hello))),
  image_address: form(user({ type: 'image_url', image_url: { url: links.image } }, text(hello))),
  pdf_data: form(
    user({ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } }),
  ),
  text_document: form(
    user({ type: 'file', file: { filename: 'a.txt', file_data: `data:text/plain;base64,${note}` } }),
  ),
  other_document: form(
    user({ type: 'file', file: { filename: 'a.docx', file_data: `data:${docxType};base64,${docx}` } }),
  ),
  audio_data: form(user({ type: 'input_audio', input_audio: { data: wav, format: 'wav' } })),
  other_audio: form(user({ type: 'input_audio', input_audio: { data: ogg, format: 'ogg' } })),
  video_address: form(user({ type: 'video_url', video_url: { url: links.video } })),
  google_address: form(user({ type: 'video_url', video_url: { url: links.google } })),
  openai_file: form(user({ type: 'file', file: { file_id: 'file-otter' } })),
  openai_audio_reply: form(
    messages(asked, { role: 'assistant', content: null, audio: { id: 'audio_otter' } }, asked),
  ),
  tools: plain({ tools }),
  strict_tools: plain({
    tools: [{ ...weather, function: { ...weather.function, strict: true } }, clock],
  }),
  custom_tools: form({
    ...messages(
      asked,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'run_sql', input: sql } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: sunny },
    ),
    tools: [runSql],
  }),
  custom_grammar: plain({
    tools: [
      {
        type: 'custom',
        custom: {
          name: 'run_sql',
          format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'select .*' } },
        },
      },
    ],
  }),
  server_tools_of_openai_chat: plain({ tools: [{ type: 'web_search', country: 'NO' }] }),
  choice_auto: plain({ tools, tool_choice: 'auto' }),
  choice_required: plain({ tools, tool_choice: 'required' }),
  choice_none: plain({ tools, tool_choice: 'none' }),
  choice_named: plain({ tools, tool_choice: { type: 'function', function: { name: 'get_weather' } } }),
  choice_allowed: plain({
    tools,
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [{ type: 'function', function: { name: 'get_weather' } }],
      },
    },
  }),
  one_call_at_a_time: plain({ tools, parallel_tool_calls: false }),
  one_call_of_a_forced_tool: plain({
    tools,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    parallel_tool_calls: false,
  }),
  json_schema: plain({ response_format: schemaFormat }),
  json_without_schema: plain({ response_format: { type: 'json_object' } }),
  json_beside_tools: plain({ tools, response_format: schemaFormat }),
  output_audio: plain({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }),
  output_image: plain({ modalities: ['text', 'image'] }),
  reasoning_effort: plain({ reasoning_effort: 'high' }),
  reasoning_off: plain(unthinking),
  tools_while_thinking: plain({ tools, reasoning_effort: 'high' }),
  forced_tool_while_thinking: plain({ tools, tool_choice: 'required', reasoning_effort: 'high' }),
  sampling_while_thinking: plain({ temperature: 0.25, reasoning_effort: 'high' }),
  streaming: { ...plain({ stream: true }), isStreamed: true },
  output_cap: plain({ max_completion_tokens: 77 }),
  stop: plain({ stop: ['END'] }),
  blank_stop: plain({ stop: ['END', '\n\n'] }),
  stop_over_four: plain({ stop: ['a', 'b', 'c', 'd', 'e'] }),
  stop_over_five: plain({ stop: ['a', 'b', 'c', 'd', 'e', 'f'] }),
  seed: plain({ seed: 7 }),
  temperature: plain({ temperature: 0.25 }),
  high_temperature: plain({ temperature: 1.75 }),
  top_p: plain({ top_p: 0.5 }),
  temperature_with_top_p: plain({ temperature: 0.25, top_p: 0.5 }),
  top_k: plain({ top_k: 9 }),
  frequency_penalty: plain({ frequency_penalty: 0.5 }),
  presence_penalty: plain({ presence_penalty: 0.5 }),
  penalties_outside_unit: plain({ frequency_penalty: -0.5 }),
  logprobs: plain({ logprobs: true }),
  alternative_tokens: plain({ logprobs: true, top_logprobs: 2 }),
  several_answers: plain({ n: 2 }),
  end_user: plain({ user: 'user-7' }),
}
