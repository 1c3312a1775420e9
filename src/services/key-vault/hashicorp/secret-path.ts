/** Where a secret lies, by its name: `path#field`, or the usual name of a key. */
import { Problem } from '#core/domain/problem.ts'

export interface SecretPlace {
  /** Inside the mount, segments with single slashes between them. */
  readonly path: string
  readonly field: string
  /** Its name was written for this server; a usual name may as well stand in the environment. */
  readonly isNamed: boolean
}

export interface PathRules {
  readonly path: string | undefined
  readonly field: string
  readonly commonSecret: string | undefined
}

/** The form of environment variables, in which the usual names of keys are written. */
const usualName = /^[A-Z][A-Z0-9_]*$/
const isPrintable = /^[\x20-\x7e]+$/

/**
 * Undefined for a usual name without a common secret: then the server has nothing to do with it. Throws
 * `config_invalid` for a name that is no path.
 */
export function placeOf(name: string, rules: PathRules): SecretPlace | undefined {
  if (usualName.test(name)) {
    if (rules.commonSecret === undefined) return undefined
    return { path: under(rules.path, rules.commonSecret), field: name, isNamed: false }
  }
  const at = name.lastIndexOf('#')
  const path = at < 0 ? name : name.slice(0, at)
  const field = at < 0 ? rules.field : name.slice(at + 1)
  const segments = path.split('/')
  const isPath = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  if (!isPath || field === '' || !isPrintable.test(name)) {
    throw new Problem('config_invalid', {
      detail: `"${name}" does not name a secret of the secret server.`,
      mend: 'Write path#field, or path alone: segments between single slashes, like team/openai#value.',
    })
  }
  return { path: under(rules.path, path), field, isNamed: true }
}

const under = (prefix: string | undefined, path: string) =>
  prefix === undefined ? path : `${prefix}/${path}`

/** For a URL: every segment encoded. */
export const urlPath = (path: string) => path.split('/').map(encodeURIComponent).join('/')
