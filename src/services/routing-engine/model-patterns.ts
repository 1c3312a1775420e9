/** Which models a key may use: patterns in which `*` stands for anything, matched against every name of a model. */
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'

export interface Permits {
  /** Whether the model may be used, by its catalogue name or by either of its `provider/name` forms. */
  model(model: RoutedModel): boolean
  /**
   * Whether a route is permitted by its own full name, without a star: then everything that it chooses may be used.
   * Patterns are about models, so `a*` does not open `auto`.
   */
  route(name: string): boolean
}

const permitsAll: Permits = { model: () => true, route: () => true }
const compiled = new WeakMap<readonly string[], Permits>()

/** Compiled once for each list; undefined permits everything, the empty list nothing. */
export function permitsOf(patterns: readonly string[] | undefined): Permits {
  if (patterns === undefined) return permitsAll
  let permits = compiled.get(patterns)
  if (!permits) {
    permits = compile(patterns)
    compiled.set(patterns, permits)
  }
  return permits
}

function compile(patterns: readonly string[]): Permits {
  if (patterns.includes('*')) return permitsAll
  const isNamed = (name: string) => patterns.some((pattern) => fits(pattern, name))
  const known = new WeakMap<RoutedModel, boolean>()
  return {
    route: (name) => patterns.includes(name),
    model(model) {
      let isPermitted = known.get(model)
      if (isPermitted === undefined) {
        const { name, provider, providerModel } = model.card
        isPermitted =
          isNamed(name) || isNamed(`${provider}/${name}`) || isNamed(`${provider}/${providerModel}`)
        known.set(model, isPermitted)
      }
      return isPermitted
    },
  }
}

/** Whether a name fits a pattern, in time linear in both for each star: no regular expression, nothing to blow up. */
export function fits(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return pattern === name
  const last = pieces.at(-1) ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  const end = name.length - last.length
  let position = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, position)
    if (found === -1 || found + piece.length > end) return false
    position = found + piece.length
  }
  return true
}
