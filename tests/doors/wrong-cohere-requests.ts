/** Requests of the Cohere API that are wrong in themselves, with the refusal that each must get. */
import type { ProblemCode } from '#core/domain/problem.ts'
import { tinyImages } from '#tests/journeys/tiny-images.ts'

export interface WrongCohereRequest {
  readonly name: string
  /** Text is sent as it is. */
  readonly body: unknown
  readonly status: number
  readonly code: ProblemCode
  /** Undefined where no field can be named. */
  readonly param: string | undefined
  /** What the message must speak of. */
  readonly says: RegExp
  readonly headers?: Readonly<Record<string, string>>
}

const model = 'some-command'
const user = (content: unknown) => [{ role: 'user', content }]
const hello = user('x')
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
const picture = (image_url: unknown) => ({ messages: user([{ type: 'image_url', image_url }]) })
const pictureUrl = 'messages[0].content[0].image_url.url'
const called = (more: object) => ({ messages: loop({ tool_calls: [{ ...call, ...more }] }, 'x') })
const loop = (assistant: object, content: unknown) => [
  ...hello,
  { role: 'assistant', ...assistant },
  { role: 'tool', tool_call_id: 'c1', content },
]

type Row = readonly [
  name: string,
  body: unknown,
  param: string | undefined,
  says: RegExp,
  code?: ProblemCode,
  status?: number,
]

/** Members laid over a good request. */
const wrongMembers: readonly Row[] = [
  ['a model that is a number', { model: 5 }, 'model', /string/],
  ['an empty model', { model: '' }, 'model', /model/],
  ['a model of a thousand letters', { model: 'm'.repeat(1_000) }, 'model', /256/],
  ['an unknown model', { model: 'some-comand' }, 'model', /some-command/, 'model_not_found', 404],
  ['messages of text', { messages: 'x' }, 'messages', /array/],
  ['no messages in the list', { messages: [] }, 'messages', /messages/],
  ['a message of text', { messages: ['x'] }, 'messages[0]', /object/],
  ['a message of nothing', { messages: [null] }, 'messages[0]', /object/],
  ['an unknown role', { messages: [{ role: 'chatbot', content: 'x' }] }, 'messages[0].role', /assistant/],
  ['no role', { messages: [{ content: 'x' }] }, 'messages[0].role', /role/],
  ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content', /content/],
  ['content of nothing', { messages: user(null) }, 'messages[0].content', /content/],
  ['content that is a number', { messages: user(5) }, 'messages[0].content', /string/],
  ['content of white space', { messages: user(' \n ') }, undefined, /empty/, 'empty_prompt'],
  ['a part of text alone', { messages: user(['x']) }, 'messages[0].content[0]', /object/],
  ['a part without a type', { messages: user([{ text: 'x' }]) }, 'messages[0].content[0].type', /type/],
  [
    'a text part without text',
    { messages: user([{ type: 'text' }]) },
    'messages[0].content[0].text',
    /text/,
    'missing_field',
  ],
  [
    'a text part of a number',
    { messages: user([{ type: 'text', text: 5 }]) },
    'messages[0].content[0].text',
    /string/,
  ],
  ['a picture of text', picture(tinyImages.png), 'messages[0].content[0].image_url', /object/],
  ['a picture without an address', picture({}), pictureUrl, /url/, 'missing_field'],
  [
    'a picture at a file address',
    picture({ url: 'file:///etc/passwd' }),
    pictureUrl,
    /http/,
    'invalid_media',
  ],
  [
    'a picture with a password in its address',
    picture({ url: 'https://a:b@example.com/x.png' }),
    pictureUrl,
    /password/,
    'invalid_media',
  ],
  [
    'a picture that is a page',
    picture({ url: 'data:text/html;base64,PGI+aGk8L2I+' }),
    pictureUrl,
    /text\/html/,
    'unsupported_media_type',
    422,
  ],
  [
    'a picture that is none',
    picture({ url: 'data:image/png;base64,AAAA' }),
    pictureUrl,
    /image/,
    'invalid_media',
  ],
  [
    'a picture in broken base64',
    picture({ url: 'data:image/png;base64,a*b' }),
    pictureUrl,
    /base64/,
    'invalid_media',
  ],
  [
    'an unknown detail',
    picture({ url: tinyImages.png, detail: 'most' }),
    'messages[0].content[0].image_url.detail',
    /auto/,
  ],
  [
    'a document without data',
    { messages: user([{ type: 'document', document: { id: '1' } }]) },
    'messages[0].content[0].document.data',
    /data/,
  ],
  [
    'a picture in instructions',
    { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: {} }] }, ...hello] },
    'messages[0].content[0].type',
    /text/,
  ],
  ['tool calls of text', { messages: loop({ tool_calls: 'f' }, 'x') }, 'messages[1].tool_calls', /array/],
  ['a call without an id', called({ id: undefined }), 'messages[1].tool_calls[0].id', /id/, 'missing_field'],
  ['a call with an empty id', called({ id: '' }), 'messages[1].tool_calls[0].id', /id/],
  [
    'a call of nothing',
    { messages: loop({ tool_calls: [{ id: 'c1', type: 'function' }] }, 'x') },
    'messages[1].tool_calls[0].function',
    /function/,
    'missing_field',
  ],
  [
    'a call without a name',
    called({ function: { arguments: '{}' } }),
    'messages[1].tool_calls[0].function.name',
    /name/,
    'missing_field',
  ],
  [
    'arguments that are an object',
    called({ function: { name: 'f', arguments: {} } }),
    'messages[1].tool_calls[0].function.arguments',
    /string/,
  ],
  ['a call of another type', called({ type: 'custom' }), 'messages[1].tool_calls[0].type', /function/],
  ['a plan that is a list', { messages: loop({ tool_plan: [] }, 'x') }, 'messages[1].tool_plan', /string/],
  [
    'thinking without thoughts',
    { messages: loop({ content: [{ type: 'thinking' }], tool_calls: [call] }, 'x') },
    'messages[1].content[0].thinking',
    /thinking/,
    'missing_field',
  ],
  [
    'a damaged token',
    {
      messages: loop(
        { content: [{ type: 'thinking', thinking: 'Hm', carried: 'signalbxAAAA' }], tool_calls: [call] },
        'x',
      ),
    },
    'messages[1].content[0].carried',
    /changed on its way/,
  ],
  [
    'a result without its call',
    { messages: [...hello, { role: 'tool', content: 'x' }] },
    'messages[1].tool_call_id',
    /tool_call_id/,
    'missing_field',
  ],
  [
    'a result without content',
    { messages: loop({ tool_calls: [call] }, undefined) },
    'messages[2].content',
    /content/,
  ],
  [
    'a result that answers nothing',
    { messages: [...hello, { role: 'tool', tool_call_id: 'c9', content: 'x' }] },
    'messages[1]',
    /c9/,
  ],
  ['tools of text', { tools: 'f' }, 'tools', /array/],
  ['a tool of another type', { tools: [{ ...tool, type: 'web_search' }] }, 'tools[0].type', /function/],
  [
    'a tool without a function',
    { tools: [{ type: 'function' }] },
    'tools[0].function',
    /function/,
    'missing_field',
  ],
  [
    'a tool without a name',
    { tools: [{ type: 'function', function: {} }] },
    'tools[0].function.name',
    /name/,
    'missing_field',
  ],
  [
    'parameters of text',
    { tools: [{ type: 'function', function: { name: 'f', parameters: 'none' } }] },
    'tools[0].function.parameters',
    /object|record/,
  ],
  ['a tool choice in small letters', { tools: [tool], tool_choice: 'required' }, 'tool_choice', /REQUIRED/],
  ['a tool choice without tools', { tool_choice: 'REQUIRED' }, 'tool_choice', /no tools/],
  ['strictness of text', { tools: [tool], strict_tools: 'yes' }, 'strict_tools', /boolean/],
  ['an unknown form', { response_format: { type: 'xml' } }, 'response_format.type', /json_object/],
  ['a form of text', { response_format: 'json' }, 'response_format', /object/],
  [
    'a schema of text',
    { response_format: { type: 'json_object', json_schema: '{}' } },
    'response_format.json_schema',
    /object|record/,
  ],
  ['max_tokens of nothing', { max_tokens: 0 }, 'max_tokens', /1/],
  ['negative max_tokens', { max_tokens: -5 }, 'max_tokens', /1/],
  ['broken max_tokens', { max_tokens: 1.5 }, 'max_tokens', /int/],
  ['max_tokens of text', { max_tokens: '5' }, 'max_tokens', /number/],
  ['six stop sequences', { stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'stop_sequences', /5/],
  ['a stop sequence alone', { stop_sequences: 'END' }, 'stop_sequences', /array/],
  ['a negative temperature', { temperature: -1 }, 'temperature', /0/],
  ['a seed with a point', { seed: 0.5 }, 'seed', /int/],
  ['a p above 1', { p: 1.5 }, 'p', /1/],
  ['a k above 500', { k: 501 }, 'k', /500/],
  ['a penalty above 1', { frequency_penalty: 1.5 }, 'frequency_penalty', /1/],
  ['a negative penalty', { presence_penalty: -0.5 }, 'presence_penalty', /0/],
  ['log-probabilities as a number', { logprobs: 5 }, 'logprobs', /boolean/],
  ['streaming as text', { stream: 'true' }, 'stream', /boolean/],
  ['documents of text', { documents: 'x' }, 'documents', /array/],
  ['a document that is a number', { documents: [5] }, 'documents[0]', /string|object/],
  ['a document without data in the list', { documents: [{ id: '1' }] }, 'documents[0].data', /data/],
  ['an unknown way to cite', { citation_options: { mode: 'MAYBE' } }, 'citation_options.mode', /ACCURATE/],
  ['an unknown safety mode', { safety_mode: 'LOOSE' }, 'safety_mode', /STRICT/],
  ['thinking as a switch', { thinking: true }, 'thinking', /object/],
  ['an unknown kind of thinking', { thinking: { type: 'deep' } }, 'thinking.type', /enabled/],
  ['a negative budget', { thinking: { type: 'enabled', token_budget: -1 } }, 'thinking.token_budget', /1/],
  ['a priority above 999', { priority: 1_000 }, 'priority', /999/],
]

const text = (json: string) => json.replace('}', `,"model":"${model}"}`)

/** Bodies as they are. */
const wrongBodies: readonly Row[] = [
  ['no body', '', undefined, /JSON/, 'invalid_json'],
  ['no JSON', 'hello', undefined, /JSON/, 'invalid_json'],
  ['a comma too many', '{"model":"x",}', undefined, /position/, 'invalid_json'],
  ['a list', '[1]', undefined, /object/, 'invalid_json'],
  ['a body without messages', { model }, 'messages', /required/, 'missing_field'],
  ['a member twice', text('{"max_tokens":5,"max_tokens":9}'), 'max_tokens', /twice/, 'duplicate_field'],
  ['a dangerous name', text('{"__proto__":{}}'), '__proto__', /__proto__/],
  [
    'a body without a bottom',
    `{"messages":[],"x":${'['.repeat(80)}${']'.repeat(80)}}`,
    undefined,
    /nested/,
    'body_too_deep',
  ],
]

const requestOf = ([name, body, param, says, code, status = 400]: Row): WrongCohereRequest => ({
  name,
  body,
  param,
  says,
  status,
  code: code ?? 'invalid_value',
})

export const wrongCohereRequests: readonly WrongCohereRequest[] = [
  ...wrongMembers.map((row) => {
    const request = requestOf(row)
    return { ...request, body: { model, messages: hello, ...(request.body as object) } }
  }),
  ...wrongBodies.map(requestOf),
  {
    ...requestOf(['a form', 'model=x', 'content-type', /application\/json/, 'unsupported_content_type', 415]),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  {
    ...requestOf([
      'a wish that is none',
      { model, messages: hello },
      'x-signalbox-timeout-ms',
      /milliseconds/,
    ]),
    headers: { 'x-signalbox-timeout-ms': 'soon' },
  },
]
