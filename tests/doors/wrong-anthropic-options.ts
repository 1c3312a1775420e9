/** Options of a request that contradict each other or have no meaning. */
import { user, assistant, hello, text, tool, marked, whole, said } from './anthropic-request-words.ts'
import type { WrongMessage } from './anthropic-request-words.ts'

export const options: readonly WrongMessage[] = [
  {
    name: 'a budget for thinking as large as the whole answer',
    body: whole({ max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 2_000 } }),
    param: 'thinking.budget_tokens',
    says: /greater than/,
  },
  {
    name: 'a budget for thinking that is too small',
    body: whole({ max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 100 } }),
    param: 'thinking.budget_tokens',
    says: /1024|1,024/,
  },
  {
    name: 'thinking without a budget',
    body: whole({ thinking: { type: 'enabled' } }),
    param: 'thinking.budget_tokens',
    says: /budget_tokens/,
  },
  {
    name: 'thinking of an unknown type',
    body: whole({ thinking: { type: 'deep' } }),
    param: 'thinking.type',
    says: /type/,
  },
  {
    name: 'thinking and a cool temperature',
    body: whole({ max_tokens: 5_000, temperature: 0.2, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    param: 'temperature',
    says: /thinking/,
  },
  {
    name: 'thinking and top_k',
    body: whole({ max_tokens: 5_000, top_k: 5, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    param: 'top_k',
    says: /thinking/,
  },
  {
    name: 'thinking and a forced tool',
    body: whole({
      max_tokens: 5_000,
      tools: [tool],
      tool_choice: { type: 'any' },
      thinking: { type: 'enabled', budget_tokens: 1_024 },
    }),
    param: 'tool_choice',
    says: /Thinking/,
  },
  { name: 'a temperature above 1', body: whole({ temperature: 1.5 }), param: 'temperature', says: /1/ },
  { name: 'a temperature below 0', body: whole({ temperature: -0.1 }), param: 'temperature', says: /0/ },
  { name: 'top_p above 1', body: whole({ top_p: 2 }), param: 'top_p', says: /top_p/ },
  { name: 'top_k as text', body: whole({ top_k: 'many' }), param: 'top_k', says: /number/ },
  {
    name: 'a stop sequence of white space',
    body: whole({ stop_sequences: ['END', '\n'] }),
    param: 'stop_sequences[1]',
    says: /white space/,
  },
  {
    name: 'a stop sequence alone',
    body: whole({ stop_sequences: 'END' }),
    param: 'stop_sequences',
    says: /array/,
  },
  {
    name: 'an unknown effort',
    body: whole({ output_config: { effort: 'huge' } }),
    param: 'output_config.effort',
    says: /low/,
  },
  {
    name: 'a format without a schema',
    body: whole({ output_config: { format: { type: 'json_schema' } } }),
    param: 'output_config.format.schema',
    says: /schema/,
  },
  {
    name: 'a format of an unknown type',
    body: whole({ output_config: { format: { type: 'xml', schema: {} } } }),
    param: 'output_config.format.type',
    says: /json_schema/,
  },
  {
    name: 'a fifth mark for the cache',
    body: said(user([marked('a'), marked('b'), marked('c'), marked('d'), marked('e')])),
    param: 'messages[0].content[4].cache_control',
    says: /4/,
  },
  {
    name: 'an hour after five minutes',
    body: said(user([marked('a', '5m'), marked('b', '1h')])),
    param: 'messages[0].content[1].cache_control.ttl',
    says: /1h/,
  },
  {
    name: 'a mark that lasts a day',
    body: said(user([marked('a', '1d')])),
    param: 'messages[0].content[0].cache_control.ttl',
    says: /5m/,
  },
  {
    name: 'a user_id that is a number',
    body: whole({ metadata: { user_id: 5 } }),
    param: 'metadata.user_id',
    says: /string/,
  },
  {
    name: 'a damaged token of another provider',
    body: said(hello, assistant([{ type: 'redacted_thinking', data: 'signalbxAAAA' }, text('x')]), hello),
    param: 'messages[1].content[0].data',
    says: /changed on its way/,
  },
  {
    name: 'thinking without its signature',
    body: said(hello, assistant([{ type: 'thinking', thinking: 'Hm' }, text('x')]), hello),
    param: 'messages[1].content[0].signature',
    says: /signature/,
  },
]
