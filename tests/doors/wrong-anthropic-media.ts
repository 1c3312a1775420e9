/** Images, documents and tools that Anthropic refuses. */
import { tinyImages } from '#tests/journeys/tiny-images.ts'
import {
  user,
  assistant,
  hello,
  use,
  result,
  tool,
  image,
  base64,
  document,
  whole,
  said,
} from './anthropic-request-words.ts'
import type { WrongMessage } from './anthropic-request-words.ts'

export const media: readonly WrongMessage[] = [
  {
    name: 'an image that is no base64',
    body: said(base64('%%%')),
    param: 'messages[0].content[0].source.data',
    says: /base64/,
  },
  {
    name: 'an empty image',
    body: said(base64('')),
    param: 'messages[0].content[0].source.data',
    says: /empty/,
  },
  {
    name: 'an image that is none',
    body: said(base64(Buffer.from('just words').toString('base64'))),
    param: 'messages[0].content[0].source.data',
    says: /image/,
  },
  {
    name: 'a kind of image that is not read',
    body: said(base64(tinyImages.png.split(',')[1] ?? '', 'image/tiff')),
    param: 'messages[0].content[0].source.media_type',
    says: /image\/jpeg/,
  },
  {
    name: 'an image without a source',
    body: said(user([{ type: 'image' }])),
    param: 'messages[0].content[0].source',
    says: /source/,
  },
  {
    name: 'an image at an address that is none',
    body: said(image({ type: 'url', url: 'file:///etc/passwd' })),
    param: 'messages[0].content[0].source.url',
    says: /http/,
  },
  {
    name: 'an image with a source of an unknown kind',
    body: said(image({ type: 'ftp', url: 'ftp://a.test/b' })),
    param: 'messages[0].content[0].source.type',
    says: /type/,
  },
  {
    name: 'a document that is no PDF',
    body: said(
      document({
        type: 'base64',
        media_type: 'application/pdf',
        data: Buffer.from('words').toString('base64'),
      }),
    ),
    param: 'messages[0].content[0].source.data',
    says: /PDF/,
  },
  {
    name: 'a document of another kind',
    body: said(document({ type: 'base64', media_type: 'application/msword', data: 'AAAA' })),
    param: 'messages[0].content[0].source.media_type',
    says: /application\/pdf/,
  },
  {
    name: 'an image in a result that is none',
    body: said(
      hello,
      assistant([use('a')]),
      user([
        result('a', {
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
        }),
      ]),
    ),
    param: 'messages[2].content[0].content[0].source.data',
    says: /image/,
  },
]

export const toolTable: readonly WrongMessage[] = [
  {
    name: 'a tool without a schema',
    body: whole({ tools: [{ name: 'look' }] }),
    param: 'tools[0].input_schema',
    says: /input_schema/,
  },
  {
    name: 'a schema of another type than object',
    body: whole({ tools: [{ name: 'look', input_schema: { type: 'string' } }] }),
    param: 'tools[0].input_schema.type',
    says: /object/,
  },
  {
    name: 'a schema without a type',
    body: whole({ tools: [{ name: 'look', input_schema: { properties: {} } }] }),
    param: 'tools[0].input_schema.type',
    says: /type/,
  },
  {
    name: 'a tool with spaces in its name',
    body: whole({ tools: [{ ...tool, name: 'look around' }] }),
    param: 'tools[0].name',
    says: /letters/,
  },
  {
    name: 'two tools of one name',
    body: whole({ tools: [tool, tool] }),
    param: 'tools[1].name',
    says: /unique/,
  },
  { name: 'tools as an object', body: whole({ tools: {} }), param: 'tools', says: /array/ },
  {
    name: 'a choice without tools',
    body: whole({ tool_choice: { type: 'any' } }),
    param: 'tool_choice',
    says: /while providing tools/,
  },
  {
    name: 'a choice of a tool that is not there',
    body: whole({ tools: [tool], tool_choice: { type: 'tool', name: 'listen' } }),
    param: 'tool_choice.name',
    says: /listen/,
  },
  {
    name: 'a choice in the words of another API',
    body: whole({ tools: [tool], tool_choice: { type: 'required' } }),
    param: 'tool_choice.type',
    says: /type/,
  },
  {
    name: 'a choice as text',
    body: whole({ tools: [tool], tool_choice: 'auto' }),
    param: 'tool_choice',
    says: /object/,
  },
  {
    name: "a tool that Anthropic runs, for another provider's model",
    body: whole({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
    says: /tool|web_search/i,
  },
]
