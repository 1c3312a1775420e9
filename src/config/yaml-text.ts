/** YAML read with its positions, so that every fault can name its line. */
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { ConfigFault, ConfigPath } from '#config/fault.ts'

const textCharactersMax = 4_194_304
/** More uses of anchors than this are taken for an attempt to exhaust memory. */
const aliasesMax = 100

export interface YamlText {
  /** Plain values; a key without a value is left out. */
  readonly value: unknown
  /** Where the syntax is wrong; the value is undefined then. */
  readonly faults: readonly ConfigFault[]
  /** The fault with its line and column, counted from 1. */
  located(fault: ConfigFault): ConfigFault
}

/** Text as YAML 1.2 (JSON is a part of it): one document, every key once. Never throws. */
export function readYaml(text: string): YamlText {
  if (text.length > textCharactersMax) return failed([{ path: [], reason: 'is larger than 4 MiB' }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  if (document.errors.length > 0) {
    return failed(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        return { path: [], reason: `is not valid YAML: ${error.message}`, line, column: col }
      }),
    )
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax })
    return {
      value: withoutNulls(value) ?? {},
      faults: [],
      located: (fault) => withPosition(fault, document, lines),
    }
  } catch (error) {
    return failed([
      { path: [], reason: `cannot be read: ${error instanceof Error ? error.message : 'unknown'}` },
    ])
  }
}

function failed(faults: readonly ConfigFault[]): YamlText {
  return { value: undefined, faults, located: (fault) => fault }
}

/** A section whose lines are all commented out has no value; that means the same as leaving it out. */
function withoutNulls(value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item) ?? null)
  if (typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]))
}

function withPosition(fault: ConfigFault, document: Document, lines: LineCounter): ConfigFault {
  const offset = offsetOf(fault.path, document, fault.isAboutKey ?? false)
  const { line, col } = lines.linePos(offset)
  return { ...fault, line: Math.max(1, line), column: Math.max(1, col) }
}

/** The offset of the value at the path, of its key, or of the nearest thing around it that exists. */
function offsetOf(path: ConfigPath, document: Document, isAboutKey: boolean): number {
  const last = path.at(-1)
  if (isAboutKey && typeof last === 'string') {
    const key = keyNode(document.getIn(path.slice(0, -1), true), last)
    if (key !== undefined) return key
  }
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}

function keyNode(parent: unknown, key: string): number | undefined {
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
}
