/** Requests to the Messages API that are wrong in themselves, with the refusal that each must get. */
import { user, whole, said } from './anthropic-request-words.ts'
import type { WrongMessage } from './anthropic-request-words.ts'
import { media, toolTable } from './wrong-anthropic-media.ts'
import { options } from './wrong-anthropic-options.ts'
import { pairs, roles } from './wrong-anthropic-turns.ts'

const forms: readonly WrongMessage[] = [
  { name: 'broken JSON', body: '{"model": "x",}', says: /JSON/ },
  { name: 'an empty body', body: '', says: /JSON/ },
  { name: 'a list in place of an object', body: '[1]', says: /object/ },
  {
    name: 'a form',
    body: 'model=x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    says: /application\/json/,
  },
  { name: 'a member twice', body: '{"model":"a","model":"b"}', says: /twice/ },
  {
    name: 'a body beyond the limit',
    body: said(user('x'.repeat(30_000))),
    status: 413,
    type: 'request_too_large',
    says: /larger/,
  },
  {
    name: 'endless nesting',
    body: `{"model":"x","a":${'['.repeat(90)}${']'.repeat(90)}}`,
    says: /deep/,
  },
]

const missing: readonly WrongMessage[] = [
  { name: 'no model', body: whole({ model: undefined }), param: 'model', says: /model is required/ },
  { name: 'an empty model', body: whole({ model: '' }), param: 'model', says: /model/ },
  {
    name: 'a model that nobody has',
    body: whole({ model: 'claude-of-nowhere' }),
    status: 404,
    type: 'not_found_error',
    param: 'model',
    says: /claude-of-nowhere/,
  },
  {
    name: 'no max_tokens',
    body: whole({ max_tokens: undefined }),
    param: 'max_tokens',
    says: /max_tokens is required/,
  },
  { name: 'a negative max_tokens', body: whole({ max_tokens: -1 }), param: 'max_tokens', says: /max_tokens/ },
  { name: 'max_tokens as text', body: whole({ max_tokens: '100' }), param: 'max_tokens', says: /number/ },
  { name: 'half a token', body: whole({ max_tokens: 1.5 }), param: 'max_tokens', says: /int/ },
  {
    name: 'max_tokens 0 for a model that keeps no cache to fill',
    body: whole({ max_tokens: 0 }),
    param: 'max_tokens',
    says: /0 tokens/,
  },
  { name: 'no messages', body: whole({ messages: undefined }), param: 'messages', says: /required/ },
  { name: 'an empty list of messages', body: said(), param: 'messages', says: /at least one message/ },
  { name: 'messages as text', body: whole({ messages: 'hello' }), param: 'messages', says: /array/ },
  {
    name: 'a message without content',
    body: said({ role: 'user' }),
    param: 'messages[0].content',
    says: /content/,
  },
  { name: 'a message without a role', body: said({ content: 'x' }), param: 'messages[0].role', says: /role/ },
  { name: 'stream as text', body: whole({ stream: 'yes' }), param: 'stream', says: /boolean/ },
]
export const wrongMessages: readonly WrongMessage[] = [
  ...forms,
  ...missing,
  ...roles,
  ...pairs,
  ...media,
  ...toolTable,
  ...options,
]
