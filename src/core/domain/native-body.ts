/** Splicing: a caller's own JSON text is sent on byte for byte, except for the members that must change. */
import type { NativeRequest, TextSpan } from '#core/domain/chat.ts'
import type { JsonValue } from '#core/domain/json.ts'

/**
 * The request's text with top-level members replaced or added (a value) or left as they are (undefined).
 * Every other character stays as the caller wrote it, so key order, spacing and number forms survive.
 */
export function spliceMembers(
  native: Pick<NativeRequest, 'text' | 'members'>,
  changes: Readonly<Record<string, JsonValue | undefined>>,
): string {
  const replaced: Array<{ span: TextSpan; value: string }> = []
  let added = ''
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue
    const span = native.members.get(name)
    const text = JSON.stringify(value)
    if (span) replaced.push({ span, value: text })
    else added += `,${JSON.stringify(name)}:${text}`
  }
  replaced.sort((a, b) => a.span.start - b.span.start)

  let spliced = ''
  let from = 0
  for (const { span, value } of replaced) {
    spliced += native.text.slice(from, span.start) + value
    from = span.end
  }
  const close = native.text.lastIndexOf('}')
  const tail = native.members.size === 0 ? added.slice(1) : added
  return spliced + native.text.slice(from, close) + tail + native.text.slice(close)
}
