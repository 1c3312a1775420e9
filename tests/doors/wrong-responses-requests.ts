/** Requests of the Responses API that are wrong in themselves, with the refusal that each must get. */
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import { laidOver, wrongBodies } from './wrong-request.ts'
import type { WrongMembers, WrongRequest } from './wrong-request.ts'
import { aboutSettings, aboutTools } from './wrong-responses-settings.ts'

const good = { model: 'some-claude', input: 'x' }
const user = (content: unknown) => ({ input: [{ role: 'user', content }] })
const part = (members: object) => user([members])
const items = (...given: readonly unknown[]) => ({ input: [{ role: 'user', content: 'x' }, ...given] })
const image = (image_url: unknown) => part({ type: 'input_image', image_url })
const file = (members: object) => part({ type: 'input_file', ...members })
const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }
const output = { type: 'function_call_output', call_id: 'c1', output: 'x' }
const at = 'input[0].content[0]'

const aboutInput: readonly WrongMembers[] = [
  ['no input', { input: undefined }, 'input', /required/, 'missing_field'],
  ['input of nothing', { input: null }, 'input', /input/],
  ['input that is a number', { input: 7 }, 'input', /string/],
  ['input that is one item', { input: { role: 'user', content: 'x' } }, 'input', /array/],
  ['no item', { input: [] }, 'input', /input/],
  ['white space', { input: ' \n ' }, null, /empty/, 'empty_prompt'],
  ['items of white space', user('  '), null, /empty/, 'empty_prompt'],
  ['an item of text', { input: ['x'] }, 'input[0]', /object/],
  ['an item of nothing', { input: [null] }, 'input[0]', /object/],
  ['an item of an unknown form', items({ text: 'x' }), 'input[1].type', /required/, 'missing_field'],
  ['an item whose type is a number', items({ type: 7 }), 'input[1].type', /string/],
  ['an unknown role', { input: [{ role: 'robot', content: 'x' }] }, 'input[0].role', /assistant/],
  ['the role of the other API', items({ role: 'tool', content: 'x' }), 'input[1].role', /assistant/],
  ['a message without a role', { input: [{ content: 'x' }] }, 'input[0].role', /role/],
  ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content', /content/],
  ['content of nothing', user(null), 'input[0].content', /content/],
  ['content that is a number', user(7), 'input[0].content', /string/],
  [
    'an unknown phase',
    items({ role: 'assistant', content: 'x', phase: 'end' }),
    'input[1].phase',
    /final_answer/,
  ],
  ['a part of text alone', user(['x']), at, /object/],
  ['a part without a type', part({ text: 'x' }), `${at}.type`, /required/, 'missing_field'],
  ['a part of the other API', part({ type: 'text', text: 'x' }), `${at}.type`, /input_text/],
  ['a picture of the other API', part({ type: 'image_url' }), `${at}.type`, /input_image/],
  ['text without text', part({ type: 'input_text' }), `${at}.text`, /required/, 'missing_field'],
  ['text that is a number', part({ type: 'input_text', text: 7 }), `${at}.text`, /string/],
  [
    'a refusal without words',
    items({ role: 'assistant', content: [{ type: 'refusal' }] }),
    'input[1].content[0].refusal',
    /required/,
    'missing_field',
  ],
]

const aboutMedia: readonly WrongMembers[] = [
  [
    'a picture without an address',
    part({ type: 'input_image' }),
    `${at}.image_url`,
    /required/,
    'missing_field',
  ],
  ['a picture of an object', image({ url: 'x' }), `${at}.image_url`, /string/],
  ['a picture without a scheme', image('a.png'), `${at}.image_url`, /http/, 'invalid_media'],
  ['a file of this machine', image('file:///etc/passwd'), `${at}.image_url`, /http/, 'invalid_media'],
  [
    'an address with a password',
    image('https://a:b@example.com/a.png'),
    `${at}.image_url`,
    /password/,
    'invalid_media',
  ],
  ['a data URL without base64', image('data:image/png,abc'), `${at}.image_url`, /base64/, 'invalid_media'],
  [
    'a data URL of nonsense',
    image('data:image/png;base64,???'),
    `${at}.image_url`,
    /base64/,
    'invalid_media',
  ],
  ['a picture of nothing', image('data:image/png;base64,'), `${at}.image_url`, /empty/, 'invalid_media'],
  [
    'a picture that is none',
    image('data:image/png;base64,aGVsbG8='),
    `${at}.image_url`,
    /image/,
    'invalid_media',
  ],
  [
    'a page for a picture',
    image('data:text/html;base64,PGI+aGk8L2I+'),
    `${at}.image_url`,
    /text\/html/,
    'unsupported_media_type',
  ],
  [
    'an unknown detail',
    part({ type: 'input_image', image_url: tinyImages.png, detail: 'huge' }),
    `${at}.detail`,
    /original/,
  ],
  [
    'a second picture that is none',
    user([
      { type: 'input_text', text: 'x' },
      { type: 'input_image', image_url: 'x' },
    ]),
    'input[0].content[1].image_url',
    /http/,
    'invalid_media',
  ],
  ['a file without anything', file({ filename: 'a.pdf' }), `${at}.file_data`, /required/, 'missing_field'],
  [
    'a file that is no PDF',
    file({ file_data: 'data:application/pdf;base64,aGVsbG8=' }),
    `${at}.file_data`,
    /PDF/,
    'invalid_media',
  ],
  [
    'a file of nonsense',
    file({ file_data: 'data:application/pdf;base64,?' }),
    `${at}.file_data`,
    /base64/,
    'invalid_media',
  ],
  [
    'a file at no address',
    file({ file_url: 'ftp://example.com/a.pdf' }),
    `${at}.file_url`,
    /http/,
    'invalid_media',
  ],
  ['audio without data', part({ type: 'input_audio' }), `${at}.input_audio`, /required/, 'missing_field'],
  [
    'audio in an unknown form',
    part({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'midi' } }),
    `${at}.input_audio.format`,
    /mp3/,
  ],
  [
    'audio of nonsense',
    part({ type: 'input_audio', input_audio: { data: '?', format: 'mp3' } }),
    `${at}.input_audio.data`,
    /base64/,
    'invalid_media',
  ],
]

const aboutCalls: readonly WrongMembers[] = [
  [
    'a call without an id',
    items({ ...call, call_id: undefined }),
    'input[1].call_id',
    /required/,
    'missing_field',
  ],
  ['a call with an empty id', items({ ...call, call_id: '' }), 'input[1].call_id', /1/],
  [
    'a call without a name',
    items({ ...call, name: undefined }),
    'input[1].name',
    /required/,
    'missing_field',
  ],
  ['arguments of an object', items({ ...call, arguments: {} }), 'input[1].arguments', /string/],
  ['an output without a call', items(output), 'input[1].call_id', /"c1".*before/],
  ['an output before its call', items(output, call), 'input[1].call_id', /before/],
  ['an output of another call', items(call, { ...output, call_id: 'c2' }), 'input[2].call_id', /"c2"/],
  ['an output of nothing', items(call, { ...output, output: null }), 'input[2].output', /output/],
  [
    'an output with a broken picture',
    items(call, { ...output, output: [{ type: 'input_image', image_url: 'x' }] }),
    'input[2].output[0].image_url',
    /http/,
    'invalid_media',
  ],
  [
    'a free-form call without input',
    items({ type: 'custom_tool_call', call_id: 'c', name: 'f' }),
    'input[1].input',
    /required/,
    'missing_field',
  ],
  [
    'thinking whose summary is text',
    items({ type: 'reasoning', id: 'rs', summary: 'x' }),
    'input[1].summary',
    /array/,
  ],
  [
    'thinking with a damaged token',
    items({ type: 'reasoning', summary: [], encrypted_content: 'signalbx????' }),
    'input[1].encrypted_content',
    /changed/,
  ],
]

const aboutStores: readonly WrongMembers[] = [
  [
    'a response before this one',
    { previous_response_id: 'resp_1' },
    'previous_response_id',
    /stored/,
    'unsupported_feature',
  ],
  ['a conversation', { conversation: 'conv_1' }, 'conversation', /stored/, 'unsupported_feature'],
  [
    'a conversation as an object',
    { conversation: { id: 'conv_1' } },
    'conversation',
    /stored/,
    'unsupported_feature',
  ],
  ['the background', { background: true }, 'background', /stored/, 'unsupported_feature'],
  ['a kept prompt', { prompt: { id: 'pmpt_1' } }, 'prompt', /kept/, 'unsupported_feature'],
  [
    'a reference to an item',
    items({ type: 'item_reference', id: 'msg_1' }),
    'input[1]',
    /stored/,
    'unsupported_feature',
  ],
  ['a reference without a type', items({ id: 'msg_1' }), 'input[1]', /stored/, 'unsupported_feature'],
]

export const wrongResponsesRequests: readonly WrongRequest[] = [
  ...wrongBodies,
  ...laidOver(good, [
    ...aboutInput,
    ...aboutMedia,
    ...aboutCalls,
    ...aboutTools,
    ...aboutSettings,
    ...aboutStores,
  ]),
]
