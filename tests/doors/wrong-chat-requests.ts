/** Requests of the chat completions API that are wrong in themselves, with the refusal that each must get. */
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { laidOver, nested, wrongBodies } from './wrong-request.ts'
import type { WrongMembers, WrongRequest } from './wrong-request.ts'

const user = (content: unknown) => [{ role: 'user', content }]
const good = { model: 'some-claude', messages: user('x') }
const part = (members: object) => ({ messages: user([members]) })
const image = (image_url: unknown) => part({ type: 'image_url', image_url })
const file = (members: unknown) => part({ type: 'file', file: members })
const audio = (input_audio: unknown) => part({ type: 'input_audio', input_audio })
const turns = (...given: readonly unknown[]) => ({ messages: [...user('x'), ...given] })
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
const calling = (more: object) => turns({ role: 'assistant', tool_calls: [{ ...call, ...more }] })
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
const offered = (more: object) => ({ tools: [{ ...tool, function: { ...tool.function, ...more } }] })
const chosen = (tool_choice: unknown) => ({ tools: [tool], tool_choice })
const at = 'messages[0].content[0]'

const aboutMessages: readonly WrongMembers[] = [
  ['messages of text', { messages: 'x' }, 'messages', /array/],
  ['messages of nothing', { messages: null }, 'messages', /array/],
  ['a message of text', { messages: ['x'] }, 'messages[0]', /object/],
  ['a message of nothing', { messages: [null] }, 'messages[0]', /object/],
  ['a message without a role', { messages: [{ content: 'x' }] }, 'messages[0].role', /role/],
  [
    'a second message of an unknown role',
    turns({ role: 'bot', content: 'x' }),
    'messages[1].role',
    /assistant/,
  ],
  [
    'a user without words',
    { messages: [{ role: 'user' }] },
    'messages[0].content',
    /required/,
    'missing_field',
  ],
  [
    'a system message of nothing',
    turns({ role: 'system', content: null }),
    'messages[1].content',
    /required/,
    'missing_field',
  ],
  [
    'a name that is a number',
    { messages: [{ role: 'user', content: 'x', name: 7 }] },
    'messages[0].name',
    /string/,
  ],
  ['content of an object', { messages: user({ text: 'x' }) }, 'messages[0].content', /string/],
  ['a part of text alone', { messages: user(['x']) }, at, /object/],
  ['a part without a type', part({ text: 'x' }), `${at}.type`, /type/],
  ['a part of the other API', part({ type: 'input_text', text: 'x' }), `${at}.type`, /text/],
  [
    'a picture of the other API',
    part({ type: 'input_image', image_url: tinyImages.png }),
    `${at}.type`,
    /image_url/,
  ],
  ['a part of text without text', part({ type: 'text' }), `${at}.text`, /required/, 'missing_field'],
  ['a part of text that is a number', part({ type: 'text', text: 7 }), `${at}.text`, /string/],
  ['an empty list of parts', { messages: user([]) }, null, /empty/, 'empty_prompt'],
  ['white space', { messages: user(' \n ') }, null, /empty/, 'empty_prompt'],
]

const aboutMedia: readonly WrongMembers[] = [
  ['a picture without an address', part({ type: 'image_url' }), `${at}.image_url`, /string/],
  ['a picture without a url', image({ detail: 'low' }), `${at}.image_url.url`, /required/, 'missing_field'],
  ['a picture without a scheme', image({ url: 'a.png' }), `${at}.image_url`, /http/, 'invalid_media'],
  [
    'a file of this machine',
    image({ url: 'file:///etc/passwd' }),
    `${at}.image_url`,
    /http/,
    'invalid_media',
  ],
  [
    'an address with a password',
    image({ url: 'https://a:b@example.com/a.png' }),
    `${at}.image_url`,
    /password/,
    'invalid_media',
  ],
  [
    'a data URL without base64',
    image({ url: 'data:image/png,abc' }),
    `${at}.image_url`,
    /base64/,
    'invalid_media',
  ],
  [
    'a picture of nothing',
    image({ url: 'data:image/png;base64,' }),
    `${at}.image_url`,
    /empty/,
    'invalid_media',
  ],
  [
    'a picture that is none',
    image({ url: 'data:image/png;base64,aGVsbG8=' }),
    `${at}.image_url`,
    /image/,
    'invalid_media',
  ],
  [
    'a page for a picture',
    image({ url: 'data:text/html;base64,PGI+' }),
    `${at}.image_url`,
    /text\/html/,
    'unsupported_media_type',
  ],
  ['a file without anything', file({}), `${at}.file.file_data`, /required/, 'missing_field'],
  ['a file of text', file('x'), `${at}.file`, /object/],
  [
    'a file that is no PDF',
    file({ file_data: 'data:application/pdf;base64,aGVsbG8=' }),
    `${at}.file.file_data`,
    /PDF/,
    'invalid_media',
  ],
  [
    'a file of nonsense',
    file({ file_data: 'data:application/pdf;base64,?' }),
    `${at}.file.file_data`,
    /base64/,
    'invalid_media',
  ],
  ['audio without data', audio({ format: 'mp3' }), `${at}.input_audio.data`, /required/, 'missing_field'],
  ['audio without a form', audio({ data: 'AAAA' }), `${at}.input_audio.format`, /required/, 'missing_field'],
  [
    'audio of nonsense',
    audio({ data: '?', format: 'mp3' }),
    `${at}.input_audio.data`,
    /base64/,
    'invalid_media',
  ],
]

const aboutCalls: readonly WrongMembers[] = [
  [
    'a call without an id',
    calling({ id: undefined }),
    'messages[1].tool_calls[0].id',
    /required/,
    'missing_field',
  ],
  ['a call with an empty id', calling({ id: '' }), 'messages[1].tool_calls[0].id', /1/],
  ['a call of an unknown kind', calling({ type: 'magic' }), 'messages[1].tool_calls[0].type', /function/],
  [
    'a call of no function',
    calling({ function: undefined }),
    'messages[1].tool_calls[0].function',
    /required/,
    'missing_field',
  ],
  [
    'a call without a name',
    calling({ function: { arguments: '{}' } }),
    'messages[1].tool_calls[0].function.name',
    /required/,
    'missing_field',
  ],
  [
    'arguments of an object',
    calling({ function: { name: 'f', arguments: {} } }),
    'messages[1].tool_calls[0].function.arguments',
    /string/,
  ],
  ['calls of an object', turns({ role: 'assistant', tool_calls: {} }), 'messages[1].tool_calls', /array/],
  [
    'a result without its call',
    turns({ role: 'tool', content: 'x' }),
    'messages[1].tool_call_id',
    /required/,
    'missing_field',
  ],
  [
    'a result of a call that nobody made',
    turns({ role: 'tool', tool_call_id: 'c9', content: 'x' }),
    'messages[1]',
    /"c9"/,
  ],
  [
    'a result with a broken picture',
    turns(
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'image_url', image_url: { url: 'x' } }] },
    ),
    'messages[2].content[0].image_url',
    /http/,
    'invalid_media',
  ],
  [
    'a result of an unknown function',
    turns({ role: 'function', name: 'f', content: 'x' }),
    'messages[1].name',
    /no earlier/,
  ],
  [
    'thinking of text',
    turns({ role: 'assistant', content: 'x', reasoning_details: 'x' }),
    'messages[1].reasoning_details',
    /array/,
  ],
]

const aboutTools: readonly WrongMembers[] = [
  ['tools of an object', { tools: {} }, 'tools', /array/],
  ['a tool of text', { tools: ['f'] }, 'tools[0]', /object/],
  ['a tool without a type', { tools: [{ function: { name: 'f' } }] }, 'tools[0].type', /type/],
  [
    'a tool of the other API',
    { tools: [{ type: 'function', name: 'f' }] },
    'tools[0].function',
    /required/,
    'missing_field',
  ],
  ['a tool with an empty name', offered({ name: '' }), 'tools[0].function.name', /1/],
  ['parameters of text', offered({ parameters: 'x' }), 'tools[0].function.parameters', /record|object/],
  ['strict of text', offered({ strict: 'yes' }), 'tools[0].function.strict', /boolean/],
  ['an unknown choice', chosen('some'), 'tool_choice', /required/],
  [
    'a choice of the other API',
    chosen({ type: 'function', name: 'f' }),
    'tool_choice.function',
    /required/,
    'missing_field',
  ],
  [
    'a choice of a tool that is not there',
    chosen({ type: 'function', function: { name: 'g' } }),
    'tool_choice',
    /"g"/,
  ],
  ['a search that only OpenAI runs', { web_search_options: {} }, 'tools', /tool/, 'unsupported_feature'],
  ['a choice among no tools', { tool_choice: 'required' }, 'tool_choice', /no tools/],
]

const aboutSettings: readonly WrongMembers[] = [
  ['a model that is a number', { model: 7 }, 'model', /string/],
  ['an empty model', { model: '' }, 'model', /1/],
  ['a top_p of 2', { top_p: 2 }, 'top_p', /1/],
  ['a temperature of text', { temperature: '1' }, 'temperature', /number/],
  ['a penalty of 3', { presence_penalty: 3 }, 'presence_penalty', /2/],
  ['a cap of 0', { max_tokens: 0 }, 'max_tokens', /1/],
  ['no answers', { n: 0 }, 'n', /1/],
  ['129 answers', { n: 129 }, 'n', /128/],
  ['a seed of text', { seed: 'x' }, 'seed', /number|int/],
  ['a stop that is a number', { stop: 7 }, 'stop', /string/],
  ['21 top_logprobs', { logprobs: true, top_logprobs: 21 }, 'top_logprobs', /20/],
  ['top_logprobs without logprobs', { top_logprobs: 2 }, 'top_logprobs', /logprobs/],
  ['an unknown effort', { reasoning_effort: 'huge' }, 'reasoning_effort', /high/],
  [
    'an unknown format',
    { response_format: { type: 'yaml' } },
    'response_format.type',
    /json_schema|discriminator/i,
  ],
  [
    'a schema of the other API',
    { response_format: { type: 'json_schema', name: 'n', schema: {} } },
    'response_format.json_schema',
    /required/,
    'missing_field',
  ],
  ['modalities of text', { modalities: 'audio' }, 'modalities', /array/],
  ['stream of text', { stream: 'yes' }, 'stream', /boolean/],
  ['a user of six hundred letters', { user: 'u'.repeat(600) }, 'user', /512/],
  ['a body nested too deeply', { metadata: nested(70) }, null, /64|deep/, 'body_too_deep'],
]

export const wrongChatRequests: readonly WrongRequest[] = [
  ...wrongBodies,
  ...laidOver(good, [...aboutMessages, ...aboutMedia, ...aboutCalls, ...aboutTools, ...aboutSettings]),
]
