/** Images, documents and search results of a request as parts. */
import type { MediaPart, Part } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BlockOf } from '#http/anthropic/block-schema.ts'
import { cacheHintOf } from '#http/anthropic/cache-schema.ts'
import type { WireCacheControl } from '#http/anthropic/cache-schema.ts'
import { readFileData, readImageData, webAddress } from '#http/media.ts'

const origin = 'anthropic-messages'

/** Throws `invalid_media`, naming the place. */
export function readImage({ source, cache_control }: BlockOf<'image'>, path: string): MediaPart {
  const hint = hinted(cache_control)
  switch (source.type) {
    case 'base64': {
      const media = readImageData(source.data, `${path}.source.data`)
      return { ...media, type: 'image', ...hint }
    }
    case 'url':
      return {
        type: 'image',
        source: { kind: 'url', url: webAddress(source.url, `${path}.source.url`) },
        ...hint,
      }
    case 'file':
      return { type: 'image', source: { kind: 'file', fileId: source.file_id, origin }, ...hint }
  }
}

/** A document, with its context before it and the pictures of its content after it. Throws as `readImage` does. */
export function readDocument(block: BlockOf<'document'>, path: string): readonly Part[] {
  const { source, title, context, cache_control } = block
  const parts: Part[] = context ? [{ type: 'text', text: context }] : []
  const rest = { ...(title ? { filename: title } : {}), ...hinted(cache_control) }
  switch (source.type) {
    case 'base64': {
      const media = readFileData(source.data, `${path}.source.data`)
      if (media.mediaType !== 'application/pdf') throw noPdf(`${path}.source.data`)
      parts.push({ ...media, type: 'document', ...rest })
      break
    }
    case 'text':
      parts.push(textDocument(source.data, rest))
      break
    case 'url': {
      const url = webAddress(source.url, `${path}.source.url`)
      parts.push({ type: 'document', source: { kind: 'url', url }, mediaType: 'application/pdf', ...rest })
      break
    }
    case 'file':
      parts.push({ type: 'document', source: { kind: 'file', fileId: source.file_id, origin }, ...rest })
      break
    case 'content':
      parts.push(...contentDocument(source.content, rest, `${path}.source.content`))
  }
  return parts
}

type DocumentSource = BlockOf<'document'>['source']
type SourceContent = Extract<DocumentSource, { readonly type: 'content' }>['content']
type DocumentRest = Pick<MediaPart, 'filename' | 'cacheHint'>

function contentDocument(content: SourceContent, rest: DocumentRest, path: string): readonly Part[] {
  if (typeof content === 'string') return [textDocument(content, rest)]
  const texts: string[] = []
  const images: MediaPart[] = []
  for (const [index, block] of content.entries()) {
    if (block.type === 'text') texts.push(block.text)
    else images.push(readImage(block, `${path}[${index}]`))
  }
  return texts.length > 0 ? [textDocument(texts.join('\n\n'), rest), ...images] : images
}

const textDocument = (text: string, rest: DocumentRest): MediaPart => ({
  type: 'document',
  source: { kind: 'text', text },
  mediaType: 'text/plain',
  ...rest,
})

/** A result of the caller's own search: a document that says where it was found. */
export function readSearchResult(block: BlockOf<'search_result'>): MediaPart {
  const text = block.content.map((content) => content.text).join('\n\n')
  const filename = block.title === '' ? block.source : `${block.title} (${block.source})`
  return textDocument(text, { filename, ...hinted(block.cache_control) })
}

function hinted(control: WireCacheControl): Pick<MediaPart, 'cacheHint'> {
  const cacheHint = cacheHintOf(control)
  return cacheHint ? { cacheHint } : {}
}

const noPdf = (param: string) =>
  new Problem('invalid_media', {
    param,
    detail: `${param} does not hold a PDF document.`,
    mend: 'Send the base64 of a PDF file, or give text with a source of type `text`.',
  })
