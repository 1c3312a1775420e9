/** Arguments of a call that arrive value by value: Vertex's `partialArgs`, put together again. */
import { asArray, asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'

export interface PartialArguments {
  /** Takes one `partialArgs` list. Throws `provider_malformed` for a path that leads nowhere. */
  add(list: JsonValue | undefined): void
  /** The arguments so far as JSON text; `{}` when none came. */
  text(): string
}

type Step = string | number
type Container = Record<string, unknown> | unknown[]

const stepsMax = 64
const arrayLengthMax = 10_000

/** Source: Vertex AI reference, `PartialArg`: `jsonPath` (RFC 9535), one value, `willContinue`. */
export function createPartialArguments(): PartialArguments {
  // No prototype: an argument may be called `__proto__`.
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  /** The path whose string goes on in the next piece. */
  let openPath: string | undefined
  return {
    add(list) {
      for (const entry of asArray(list)) {
        const piece = asObject(entry)
        const path = asString(piece?.['jsonPath'])
        if (!piece || path === undefined) continue
        const steps = stepsOf(path)
        const last = steps.at(-1)
        if (last === undefined) continue
        const text = asString(piece['stringValue'])
        const value = text ?? asNumber(piece['numberValue']) ?? booleanOf(piece['boolValue'])
        const container = containerAt(root, steps)
        const before = readStep(container, last)
        const isMore = openPath === path && typeof before === 'string' && text !== undefined
        writeStep(container, last, isMore ? before + text : (value ?? null))
        openPath = piece['willContinue'] === true ? path : undefined
      }
    },
    text: () => JSON.stringify(root),
  }
}

const booleanOf = (value: JsonValue | undefined) => (typeof value === 'boolean' ? value : undefined)

/** The object or array that holds a path's last step, made on the way where it is missing. */
function containerAt(root: Container, steps: readonly Step[]): Container {
  let container = root
  for (const [position, step] of steps.slice(0, -1).entries()) {
    const found = readStep(container, step)
    if (typeof found === 'object' && found !== null) {
      container = found as Container
      continue
    }
    const made: Container =
      typeof steps[position + 1] === 'number' ? [] : (Object.create(null) as Record<string, unknown>)
    writeStep(container, step, made)
    container = made
  }
  return container
}

function readStep(container: Container, step: Step): unknown {
  if (Array.isArray(container)) return typeof step === 'number' ? container[step] : undefined
  return container[String(step)]
}

function writeStep(container: Container, step: Step, value: unknown): void {
  if (!Array.isArray(container)) {
    container[String(step)] = value
    return
  }
  if (typeof step !== 'number' || step >= arrayLengthMax) throw unreadablePath()
  container[step] = value
}

const pathPiece = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** `$.items[0]['a.b']` as its steps. */
function stepsOf(path: string): readonly Step[] {
  if (!path.startsWith('$')) throw unreadablePath()
  const steps: Step[] = []
  pathPiece.lastIndex = 1
  while (pathPiece.lastIndex < path.length) {
    const match = pathPiece.exec(path)
    if (!match || steps.length >= stepsMax) throw unreadablePath()
    const [, name, index, single, double] = match
    if (index === undefined) steps.push(name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'))
    else steps.push(Number(index))
  }
  return steps
}

function unreadablePath(): Problem {
  return new Problem('provider_malformed', {
    detail: 'The provider sent arguments of a call that lead nowhere.',
  })
}
