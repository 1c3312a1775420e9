/** Sound requests to every door: recorded ones, and some with each kind of media. */
import type { Dialect } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'

const bytesOf = (body: unknown) => Buffer.from(JSON.stringify(body))

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const pdf = Buffer.from('%PDF-1.4\n%%EOF').toString('base64')
const wav = Buffer.from('RIFF\u0024\u0000\u0000\u0000WAVEfmt ').toString('base64')
const question = { type: 'text', text: 'What is this?' }

const withMedia: Readonly<Record<Dialect, readonly object[]>> = {
  'openai-chat': [
    {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            question,
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
            { type: 'input_audio', input_audio: { data: wav, format: 'wav' } },
          ],
        },
      ],
      stop: ['a', 'b'],
      n: 2,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
    },
  ],
  'openai-responses': [
    {
      model: 'm',
      instructions: 'Be brief.',
      store: false,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: `data:image/png;base64,${png}` },
            { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'abc' },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'fine' },
      ],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }],
      reasoning: { effort: 'low' },
    },
  ],
  'anthropic-messages': [
    {
      model: 'm',
      max_tokens: 100,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            question,
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'abc' },
            { type: 'tool_use', id: 't1', name: 'f', input: {} },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'fine' }] },
      ],
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
      thinking: { type: 'enabled', budget_tokens: 1_024 },
    },
  ],
  'gemini-generate': [
    {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is this?' },
            { inlineData: { mimeType: 'image/png', data: png } },
            { inline_data: { mime_type: 'application/pdf', data: pdf } },
            { fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a.mp4' } },
          ],
        },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'YWJj' }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { a: 1 } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: {} } }] }],
      generationConfig: { temperature: 0, maxOutputTokens: 10, thinkingConfig: { thinkingBudget: 100 } },
    },
  ],
  'cohere-chat': [
    {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [question, { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }],
        },
        {
          role: 'assistant',
          tool_plan: 'I will.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'document', document: { data: 'fine' } }] },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      documents: [{ id: 'd', data: { text: 'words' } }],
    },
  ],
}

/** Larger requests make runs slow without showing more. */
const bytesMax = 60_000

export function questionInputs(door: Dialect): readonly Buffer[] {
  const recorded = readGoldenRecordings(door).flatMap(({ request, model }) => {
    const body = asObject(request?.body)
    return body ? [bytesOf(door === 'gemini-generate' ? body : { model, ...body })] : []
  })
  return [...withMedia[door].map(bytesOf), ...recorded].filter(({ length }) => length <= bytesMax)
}

/** Requests for everything that is no question, by address. */
export const errandInputs: ReadonlyArray<{
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly bodies: readonly object[]
}> = [
  {
    path: '/v1/embeddings',
    bodies: [
      { model: 'm', input: ['a', 'b'], dimensions: 8, encoding_format: 'base64' },
      { model: 'm', input: [[1, 2], [3]] },
    ],
  },
  {
    path: '/v1/moderations',
    bodies: [
      { model: 'm', input: [question, { type: 'image_url', image_url: { url: 'https://e.com/a.png' } }] },
    ],
  },
  { path: '/v1/responses/input_tokens', bodies: withMedia['openai-responses'] },
  { path: '/v1/messages/count_tokens', bodies: withMedia['anthropic-messages'] },
  {
    path: '/v1beta/models/:model',
    params: { model: 'm:countTokens' },
    bodies: withMedia['gemini-generate'],
  },
  {
    path: '/v1beta/models/:model',
    params: { model: 'm:embedContent' },
    bodies: [{ content: { parts: [{ text: 'a' }] }, taskType: 'RETRIEVAL_QUERY', outputDimensionality: 8 }],
  },
  {
    path: '/v1beta/models/:model',
    params: { model: 'm:batchEmbedContents' },
    bodies: [{ requests: [{ model: 'models/m', content: { parts: [{ text: 'a' }] } }] }],
  },
  {
    path: '/v2/embed',
    bodies: [{ model: 'm', texts: ['a'], input_type: 'search_query', embedding_types: ['float', 'int8'] }],
  },
  { path: '/v2/rerank', bodies: [{ model: 'm', query: 'q', documents: ['a', { text: 'b' }], top_n: 1 }] },
]
