/** Conversations that Anthropic refuses: who may say what, and calls without their results. */
import { user, assistant, hello, text, use, result, whole, said } from './anthropic-request-words.ts'
import type { WrongMessage } from './anthropic-request-words.ts'

export const roles: readonly WrongMessage[] = [
  ...['tool', 'developer', 'function', 'model'].map((role) => ({
    name: `the role ${role}`,
    body: said({ role, content: 'x' }),
    param: 'messages[0].role',
    says: /"user"|"assistant"/,
  })),
  { name: 'empty words of the user', body: said(user('')), param: 'messages[0].content', says: /non-empty/ },
  { name: 'an empty list of blocks', body: said(user([])), param: 'messages[0].content', says: /non-empty/ },
  {
    name: 'an empty text block',
    body: said(user([text('')])),
    param: 'messages[0].content[0].text',
    says: /non-empty/,
  },
  {
    name: 'an empty text block in the instructions',
    body: whole({ system: [text('')] }),
    param: 'system[0].text',
    says: /non-empty/,
  },
  { name: 'nothing but white space', body: said(user(' \n')), says: /empty/ },
  {
    name: 'an image in the instructions',
    body: whole({ system: [{ type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } }] }),
    param: 'system[0].type',
    says: /"text"/,
  },
  { name: 'instructions as a number', body: whole({ system: 5 }), param: 'system', says: /string/ },
  {
    name: 'a tool_use of the user',
    body: said(user([use('a')])),
    param: 'messages[0].content[0].type',
    says: /assistant/,
  },
  {
    name: 'thinking of the user',
    body: said(user([{ type: 'thinking', thinking: 'x', signature: 'y' }])),
    param: 'messages[0].content[0].type',
    says: /assistant/,
  },
  {
    name: 'a result of the assistant',
    body: said(hello, assistant([result('a')])),
    param: 'messages[1].content[0].type',
    says: /user/,
  },
  {
    name: 'an image in a system message',
    body: said(hello, {
      role: 'system',
      content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }],
    }),
    param: 'messages[1].content[0].type',
    says: /system/,
  },
  {
    name: 'a block without a type',
    body: said(user([{ text: 'x' }])),
    param: 'messages[0].content[0].type',
    says: /type/,
  },
  {
    name: 'a text block without text',
    body: said(user([{ type: 'text' }])),
    param: 'messages[0].content[0].text',
    says: /text/,
  },
]

export const pairs: readonly WrongMessage[] = [
  {
    name: 'a result without a call',
    body: said(hello, assistant('Hm.'), user([result('a')])),
    param: 'messages[2].content[0].tool_use_id',
    says: /no tool_use/,
  },
  {
    name: 'a result of an earlier round',
    body: said(hello, assistant([use('a')]), user([result('a')]), assistant('Done.'), user([result('a')])),
    param: 'messages[4].content[0].tool_use_id',
    says: /no tool_use/,
  },
  {
    name: 'a call without a result',
    body: said(hello, assistant([use('a')]), user('go on')),
    param: 'messages[1].content[0]',
    says: /without tool_result.*a/,
  },
  {
    name: 'one result for two calls',
    body: said(hello, assistant([use('a'), use('b')]), user([result('a'), text('go on')])),
    param: 'messages[1].content[1]',
    says: /without tool_result.*b/,
  },
  {
    name: 'a call at the end',
    body: said(hello, assistant([use('a')])),
    param: 'messages[1].content[0]',
    says: /without tool_result/,
  },
  {
    name: 'words before the result',
    body: said(hello, assistant([use('a')]), user([text('here:'), result('a')])),
    param: 'messages[1].content[0]',
    says: /immediately after/,
  },
  {
    name: 'two calls with one id',
    body: said(hello, assistant([use('a'), use('a')]), user([result('a')])),
    param: 'messages[1].content[1].id',
    says: /unique/,
  },
  {
    name: 'two results for one call',
    body: said(hello, assistant([use('a')]), user([result('a'), result('a')])),
    param: 'messages[2].content[1].tool_use_id',
    says: /one result/,
  },
  {
    name: 'a call without an id',
    body: said(hello, assistant([{ type: 'tool_use', name: 'look', input: {} }])),
    param: 'messages[1].content[0].id',
    says: /id/,
  },
  {
    name: 'a call whose input is text',
    body: said(hello, assistant([use('a', { input: '{}' })]), user([result('a')])),
    param: 'messages[1].content[0].input',
    says: /input/,
  },
  {
    name: 'a result without its call',
    body: said(hello, assistant([use('a')]), user([{ type: 'tool_result', content: 'x' }])),
    param: 'messages[2].content[0].tool_use_id',
    says: /tool_use_id/,
  },
  {
    name: 'a result that is an object',
    body: said(hello, assistant([use('a')]), user([result('a', { content: { a: 1 } })])),
    param: 'messages[2].content[0].content',
    says: /content/,
  },
]
