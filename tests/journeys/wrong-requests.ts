/** Requests that are wrong in themselves, with the refusal that each must get. */
import { tinyImages } from '#tests/journeys/tiny-images.ts'

export interface Wrong {
  readonly name: string
  /** Text is sent as it is. */
  readonly body: unknown
  readonly status: number
  readonly code: string
  readonly param?: string
  /** What the message and the advice must speak of. */
  readonly says: RegExp
  readonly headers?: Readonly<Record<string, string>>
}

const deep = `{"prompt":"x","metadata":${'['.repeat(40)}${']'.repeat(40)}}`
const pageUrl = 'data:text/html;base64,PGI+aGk8L2I+'
export const user = (content: unknown) => [{ role: 'user', content }]

export const generateTable: readonly Wrong[] = [
  {
    name: 'broken JSON',
    body: '{"prompt": "x",}',
    status: 400,
    code: 'invalid_json',
    says: /JSON.*(?:line|position|character)/i,
  },
  { name: 'no JSON at all', body: 'hello', status: 400, code: 'invalid_json', says: /JSON/ },
  { name: 'an empty body', body: '', status: 400, code: 'invalid_json', says: /JSON/ },
  { name: 'a list in place of an object', body: '[1]', status: 400, code: 'invalid_json', says: /object/ },
  {
    name: 'a form',
    body: 'prompt=x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_content_type',
    says: /application\/json/,
  },
  {
    name: 'no prompt',
    body: {},
    status: 400,
    code: 'missing_field',
    param: 'prompt',
    says: /prompt is required/,
  },
  { name: 'an empty prompt', body: { prompt: ' \n' }, status: 400, code: 'empty_prompt', says: /empty/ },
  {
    name: 'a prompt that is a number',
    body: { prompt: 5 },
    status: 400,
    code: 'invalid_value',
    param: 'prompt',
    says: /prompt.*string/,
  },
  {
    name: 'a negative max_tokens',
    body: { prompt: 'x', max_tokens: -1 },
    status: 400,
    code: 'invalid_value',
    param: 'max_tokens',
    says: /max_tokens/,
  },
  {
    name: 'a max_tokens of text',
    body: { prompt: 'x', max_tokens: '5' },
    status: 400,
    code: 'invalid_value',
    param: 'max_tokens',
    says: /number/,
  },
  {
    name: 'an unknown field',
    body: { prompt: 'x', max_token: 5 },
    status: 400,
    code: 'unknown_field',
    param: 'max_token',
    says: /max_tokens/,
  },
  {
    name: 'an unknown task type',
    body: { prompt: 'x', task_type: 'summarisatoin' },
    status: 400,
    code: 'unknown_task_type',
    param: 'task_type',
    says: /summari[sz]ation/,
  },
  {
    name: 'an unknown model',
    body: { prompt: 'x', model: 'talking-gtp' },
    status: 404,
    code: 'model_not_found',
    param: 'model',
    says: /talking-gpt/,
  },
  {
    name: 'prompt and messages at once',
    body: { prompt: 'x', messages: user('y') },
    status: 400,
    code: 'invalid_value',
    param: 'messages',
    says: /either/,
  },
  {
    name: 'money twice',
    body: '{"prompt":"x","max_tokens":5,"max_tokens":9000}',
    status: 400,
    code: 'duplicate_field',
    param: 'max_tokens',
    says: /max_tokens/,
  },
  {
    name: 'authority twice',
    body: '{"prompt":"x","user_id":"a","user_id":"b"}',
    status: 400,
    code: 'duplicate_field',
    param: 'user_id',
    says: /user_id/,
  },
  { name: 'a body nested too deeply', body: deep, status: 400, code: 'body_too_deep', says: /20|deep/ },
  {
    name: 'a huge body',
    body: { prompt: 'x'.repeat(30_000) },
    status: 413,
    code: 'body_too_large',
    says: /20000/,
  },
  {
    name: 'a broken data URL',
    body: { prompt: 'x', images: ['data:image/png;base64,@@@'] },
    status: 400,
    code: 'invalid_media',
    param: 'images[0]',
    says: /base64/,
  },
  {
    name: 'a picture that is none',
    body: { prompt: 'x', images: [tinyImages.png, 'data:image/png;base64,aGVsbG8='] },
    status: 400,
    code: 'invalid_media',
    param: 'images[1]',
    says: /image/,
  },
  {
    name: 'a page in place of a picture',
    body: { prompt: 'x', images: [pageUrl] },
    status: 400,
    code: 'unsupported_media_type',
    param: 'images[0]',
    says: /text\/html.*PNG/s,
  },
  {
    name: 'a file of this machine',
    body: { prompt: 'x', images: ['file:///etc/passwd'] },
    status: 400,
    code: 'invalid_media',
    param: 'images[0]',
    says: /http/,
  },
  {
    name: 'a max_cost_usd below any answer',
    body: { prompt: 'x', model: 'some-claude', max_cost_usd: '0.000001' },
    status: 402,
    code: 'request_cost_exceeded',
    says: /max_cost_usd/,
  },
  {
    name: 'a negative max_cost_usd',
    body: { prompt: 'x', max_cost_usd: -1 },
    status: 400,
    code: 'invalid_value',
    param: 'max_cost_usd',
    says: /above 0/,
  },
  {
    name: 'a tool choice without tools',
    body: { prompt: 'x', tool_choice: 'required' },
    status: 400,
    code: 'invalid_value',
    param: 'tool_choice',
    says: /tool/,
  },
  {
    name: 'a picture for a model without eyes',
    body: {
      prompt: 'x',
      model: 'some-command',
      tools: [{ type: 'custom', custom: { name: 'x' } }],
      response_format: 'json',
      reasoning_effort: 'high',
      images: ['data:application/pdf;base64,JVBERi0xLjc='],
    },
    status: 400,
    code: 'unsupported_feature',
    says: /PDF documents/,
  },
]

export const chatTable: readonly Wrong[] = [
  { name: 'broken JSON', body: '{"messages"', status: 400, code: 'invalid_json', says: /JSON/ },
  {
    name: 'no messages',
    body: { model: 'talking-gpt' },
    status: 400,
    code: 'missing_field',
    param: 'messages',
    says: /messages/,
  },
  {
    name: 'no message',
    body: { model: 'talking-gpt', messages: [] },
    status: 400,
    code: 'invalid_value',
    param: 'messages',
    says: /messages/,
  },
  {
    name: 'an unknown role',
    body: { messages: [{ role: 'robot', content: 'x' }] },
    status: 400,
    code: 'invalid_value',
    param: 'messages[0].role',
    says: /role/,
  },
  {
    name: 'content of the wrong type',
    body: { messages: user(7) },
    status: 400,
    code: 'invalid_value',
    param: 'messages[0].content',
    says: /content/,
  },
  {
    name: 'an unknown model',
    body: { model: 'some-cluade', messages: user('x') },
    status: 404,
    code: 'model_not_found',
    param: 'model',
    says: /some-claude/,
  },
  {
    name: 'a temperature of 9',
    body: { messages: user('x'), temperature: 9 },
    status: 400,
    code: 'invalid_value',
    param: 'temperature',
    says: /2/,
  },
  {
    name: 'a negative cap',
    body: { messages: user('x'), max_completion_tokens: -5 },
    status: 400,
    code: 'invalid_value',
    param: 'max_completion_tokens',
    says: /max_completion_tokens/,
  },
  {
    name: 'money twice',
    body: '{"max_tokens":1,"max_tokens":2,"messages":[{"role":"user","content":"x"}]}',
    status: 400,
    code: 'duplicate_field',
    param: 'max_tokens',
    says: /max_tokens/,
  },
  {
    name: 'a broken picture',
    body: { messages: user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,?' } }]) },
    status: 400,
    code: 'invalid_media',
    says: /base64/,
  },
  { name: 'nothing said', body: { messages: user('') }, status: 400, code: 'empty_prompt', says: /empty/ },
  {
    name: 'a huge body',
    body: { messages: user('x'.repeat(30_000)) },
    status: 413,
    code: 'body_too_large',
    says: /20000/,
  },
]
