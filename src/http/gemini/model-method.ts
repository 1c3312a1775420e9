/** Which model and which method an address of the Gemini API names: `models/<model>:<method>`. */
import { Problem } from '#core/domain/problem.ts'

export interface ModelMethod {
  /** As the caller wrote it, without `models/`: a catalogue name, `provider/name`, an alias, a route. */
  readonly model: string
  /** Undefined when the address has no colon. */
  readonly method: string | undefined
}

/** Collections of the Gemini API whose members only Google holds. */
const collectionsOfGoogle: ReadonlySet<string> = new Set([
  'tunedModels',
  'cachedContents',
  'files',
  'corpora',
  'fileSearchStores',
  'batches',
  'operations',
  'interactions',
  'auth_tokens',
])

/**
 * Reads the decoded rest of a path. Names of routes have colons of their own (`auto:cheap`), so the method is what
 * follows the last one. Throws `not_found` for tuned models and other things that Google alone keeps.
 */
export function readModelMethod(rest: string): ModelMethod {
  const [collection = ''] = rest.split(/[/:]/, 1)
  if (collectionsOfGoogle.has(collection)) {
    throw new Problem('not_found', {
      detail: `${collection} are kept by Google and cannot be reached through this gateway.`,
      mend: 'Name a model of the list that GET /v1beta/models gives.',
    })
  }
  const name = rest.startsWith('models/') ? rest.slice('models/'.length) : rest
  const colon = name.lastIndexOf(':')
  return colon < 0
    ? { model: name, method: undefined }
    : { model: name.slice(0, colon), method: name.slice(colon + 1) }
}
