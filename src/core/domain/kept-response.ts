/** A response as it is kept, and as text: what was said in it and everything that was asked with it. */
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

export interface KeptResponse {
  /** The Response object as it was answered, as JSON text. */
  readonly text: string
  /** The conversation that it answers, oldest first; nothing of it has to be looked up elsewhere. */
  readonly input: readonly KeptItem[]
}

export interface KeptItem {
  readonly id: string
  /** As it was sent, so that it can be sent again. */
  readonly item: JsonObject
}

export const writeKept = ({ text, input }: KeptResponse): string =>
  `{"input":${JSON.stringify(input)},"response":${JSON.stringify(text)}}`

/** Undefined for what this program did not write. */
export function readKept(written: string): KeptResponse | undefined {
  const kept = asObject(parseJson(written))
  const text = asString(kept?.['response'])
  if (text === undefined) return undefined
  const input: KeptItem[] = []
  for (const entry of asArray(kept?.['input']).map(asObject)) {
    const id = asString(entry?.['id'])
    const item = asObject(entry?.['item'])
    if (id !== undefined && item) input.push({ id, item })
  }
  return { text, input }
}

/** The items of the answer itself, those without an id left out: nobody could point at them. */
export function outputOf({ text }: KeptResponse): readonly KeptItem[] {
  return asArray(asObject(parseJson(text))?.['output']).flatMap((value) => {
    const item = asObject(value)
    const id = asString(item?.['id'])
    return item && id !== undefined ? [{ id, item }] : []
  })
}
