/** Images and files in a request: addresses and data URLs, checked by their bytes and not by what they claim. */
import type { MediaPart, MediaSource } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'

export interface Media {
  readonly type: MediaPart['type']
  readonly source: MediaSource
  readonly mediaType?: string | undefined
}

const urlCharactersMax = 8_192
const imageTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/**
 * An image (or a PDF) by its data URL or web address. A wrong media type in a data URL is put right.
 * Throws `invalid_media` and `unsupported_media_type` naming `param`.
 */
export function readImageUrl(url: string, param: string): Media {
  if (!/^data:/i.test(url)) return { type: 'image', source: { kind: 'url', url: webAddress(url, param) } }
  const { declared, base64 } = splitDataUrl(url, param)
  const sniffed = sniff(base64)
  if (sniffed === 'application/pdf') return inline('document', base64, sniffed)
  if (sniffed !== undefined && imageTypes.has(sniffed)) return inline('image', base64, sniffed)
  if (declared === '' || imageTypes.has(declared) || declared === 'image/jpg') {
    throw new Problem('invalid_media', { param, detail: `${param} does not hold an image that can be read.` })
  }
  throw new Problem('unsupported_media_type', {
    param,
    detail: `${param} has the media type ${declared.slice(0, 80)}, which is not supported.`,
  })
}

/** An image as plain base64, whatever its label says. Throws `invalid_media`. */
export function readImageData(data: string, param: string): Media {
  const base64 = checkedBase64(data, param)
  const sniffed = sniff(base64)
  if (sniffed !== undefined && imageTypes.has(sniffed)) return inline('image', base64, sniffed)
  throw new Problem('invalid_media', { param, detail: `${param} does not hold an image that can be read.` })
}

/** A file by its data URL: a PDF or another document, an image, audio, or plain text. */
export function readFileData(data: string, param: string): Media {
  const { declared, base64 } = /^data:/i.test(data)
    ? splitDataUrl(data, param)
    : { declared: '', base64: checkedBase64(data, param) }
  const sniffed = sniff(base64)
  const mediaType = sniffed ?? declared
  if (imageTypes.has(mediaType)) return inline('image', base64, mediaType)
  if (mediaType.startsWith('audio/')) return inline('audio', base64, mediaType)
  if (mediaType.startsWith('text/')) {
    const text = Buffer.from(base64, 'base64').toString('utf8')
    return { type: 'document', source: { kind: 'text', text }, mediaType }
  }
  if (mediaType === 'application/pdf' && sniffed === undefined) {
    throw new Problem('invalid_media', { param, detail: `${param} does not hold a PDF document.` })
  }
  return inline('document', base64, mediaType || undefined)
}

/** Audio as base64 with its format's short name (`wav`, `mp3`). */
export function readAudio(data: string, format: string, param: string): Media {
  const base64 = checkedBase64(data, param)
  const declared = format.toLowerCase() === 'mp3' ? 'audio/mpeg' : `audio/${format.toLowerCase()}`
  const sniffed = sniff(base64)
  return inline('audio', base64, sniffed?.startsWith('audio/') ? sniffed : declared)
}

function inline(type: Media['type'], base64: string, mediaType: string | undefined): Media {
  return { type, source: { kind: 'inline', base64 }, mediaType }
}

/** An http(s) address without credentials in it. The gateway never fetches it itself. */
export function webAddress(url: string, param: string): string {
  const parsed = url.length <= urlCharactersMax ? URL.parse(url) : null
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new Problem('invalid_media', {
      param,
      detail: `${param} is neither a data URL nor an http(s) URL of at most ${urlCharactersMax} characters.`,
    })
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new Problem('invalid_media', { param, detail: `${param} has a user name or password in its URL.` })
  }
  return url
}

const headCharactersMax = 256

function splitDataUrl(url: string, param: string): { readonly declared: string; readonly base64: string } {
  const comma = url.slice(0, headCharactersMax).indexOf(',')
  const head = comma < 0 ? '' : url.slice(5, comma).toLowerCase()
  if (comma < 0 || !/;\s*base64\s*$/.test(head)) {
    throw new Problem('invalid_media', {
      param,
      detail: `${param} is not a data URL of the form data:<type>;base64,<data>.`,
    })
  }
  const declared = (head.split(';')[0] ?? '').trim()
  return { declared, base64: checkedBase64(url.slice(comma + 1), param) }
}

/** The data as it is, when it is base64. Throws `invalid_media`. */
function checkedBase64(data: string, param: string): string {
  const isBroken = data.includes('\n') || data.includes('\r') || data.includes(' ')
  const base64 = isBroken ? data.replace(/[ \r\n]/g, '') : data
  let size = 0
  try {
    // The only decoder that also checks every character and the padding, at native speed.
    size = atob(base64).length
  } catch {
    throw new Problem('invalid_media', { param, detail: `${param} is not valid base64.` })
  }
  if (size === 0) throw new Problem('invalid_media', { param, detail: `${param} is empty.` })
  return base64
}

/** The media type that the first bytes show, by the signatures of the WHATWG MIME Sniffing standard. */
function sniff(base64: string): string | undefined {
  const bytes = Buffer.from(base64.slice(0, 24), 'base64').toString('latin1')
  if (bytes.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (bytes.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (bytes.startsWith('GIF87a') || bytes.startsWith('GIF89a')) return 'image/gif'
  if (bytes.startsWith('%PDF-')) return 'application/pdf'
  if (bytes.startsWith('RIFF')) {
    if (bytes.startsWith('WEBP', 8)) return 'image/webp'
    if (bytes.startsWith('WAVE', 8)) return 'audio/wav'
  }
  if (bytes.startsWith('ID3') || /^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/.test(bytes)) return 'audio/mpeg'
  if (bytes.startsWith('OggS')) return 'audio/ogg'
  if (bytes.startsWith('fLaC')) return 'audio/flac'
  return undefined
}
