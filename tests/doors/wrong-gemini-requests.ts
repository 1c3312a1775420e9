/** Requests to the Gemini door that are wrong in themselves, with the refusal that each must get. */
import { wrongCalls, wrongContents, wrongMedia } from './wrong-gemini-conversations.ts'
import { text, said, hello } from './wrong-gemini-form.ts'
import type { WrongGemini } from './wrong-gemini-form.ts'
import { wrongConfig, wrongOwnMembers, wrongTools } from './wrong-gemini-settings.ts'

const wrongJson: readonly WrongGemini[] = [
  { name: 'broken JSON', body: '{"contents": [}', reason: 'INVALID_JSON', says: /JSON.*position/ },
  { name: 'no JSON at all', body: 'hello', reason: 'INVALID_JSON', says: /JSON/ },
  { name: 'an empty body', body: '', reason: 'INVALID_JSON', says: /JSON/ },
  { name: 'a list', body: '[]', reason: 'INVALID_JSON', says: /object/ },
  {
    name: 'a member twice',
    body: '{"contents":[{"parts":[{"text":"a"}]}],"contents":[]}',
    reason: 'DUPLICATE_FIELD',
    field: 'contents',
    says: /twice/,
  },
  {
    name: 'a member in both spellings',
    body: { ...hello, generationConfig: {}, generation_config: {} },
    reason: 'DUPLICATE_FIELD',
    field: 'generationConfig',
    says: /both spellings/,
  },
  {
    name: 'a body of levels without end',
    body: `{"contents":[{"parts":[{"functionCall":{"name":"a","args":${'{"a":'.repeat(70)}1${'}'.repeat(70)}}}]}]}`,
    reason: 'BODY_TOO_DEEP',
    says: /deep/,
  },
  {
    name: 'a form',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    reason: 'UNSUPPORTED_CONTENT_TYPE',
    says: /application\/json/,
  },
  {
    name: 'a body that is too large',
    body: said(text('x'.repeat(30_000))),
    reason: 'BODY_TOO_LARGE',
    says: /larger than 20000 bytes/,
  },
]

const wrongAddresses: readonly WrongGemini[] = [
  {
    name: 'a model that does not exist',
    body: hello,
    path: '/v1beta/models/some-gemni:generateContent',
    reason: 'MODEL_NOT_FOUND',
    says: /some-gemini/,
    status: 404,
    word: 'NOT_FOUND',
  },
  {
    name: 'a method that does not exist',
    body: hello,
    path: '/v1beta/models/some-gemini:generateText',
    reason: 'NOT_FOUND',
    says: /:generateContent, :streamGenerateContent/,
    status: 404,
    word: 'NOT_FOUND',
  },
  {
    name: 'no method',
    body: hello,
    path: '/v1beta/models/some-gemini',
    reason: 'NOT_FOUND',
    says: /no method/,
    status: 404,
    word: 'NOT_FOUND',
  },
  {
    name: 'a tuned model',
    body: hello,
    path: '/v1beta/tunedModels/mine:generateContent',
    reason: 'NOT_FOUND',
    says: /kept by Google/,
    status: 404,
    word: 'NOT_FOUND',
  },
  {
    name: 'a form of stream that does not exist',
    body: hello,
    path: '/v1beta/models/some-gemini:streamGenerateContent?alt=xml',
    reason: 'INVALID_VALUE',
    field: 'alt',
    says: /sse or json/,
  },
]

export const wrongGeminiRequests: readonly WrongGemini[] = [
  ...wrongJson,
  ...wrongContents,
  ...wrongCalls,
  ...wrongMedia,
  ...wrongTools,
  ...wrongConfig,
  ...wrongOwnMembers,
  ...wrongAddresses,
]
