/** What a secret server's refusal of a secret means: where it was looked for, and what the operator can mend. */
import { asArray, asObject, asString } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ServerAnswer } from '#services/key-vault/hashicorp/secret-server.ts'

export interface Shelfmark {
  readonly address: string
  readonly namespace: string | undefined
  readonly mount: string
  readonly kvVersion: 1 | 2
  readonly path: string
}

/** The path as policies and the API write it: version 2 keeps values under `data`. */
export const policyPath = ({ mount, kvVersion, path }: Shelfmark) =>
  kvVersion === 2 ? `${mount}/data/${path}` : `${mount}/${path}`

const placeText = (mark: Shelfmark) =>
  `${policyPath(mark)} of the secret server at ${mark.address}${mark.namespace === undefined ? '' : `, namespace ${mark.namespace}`}`

/** The Problem of an answer that is no success; undefined when it says that there is no such secret. */
export function refusalOf(mark: Shelfmark, { status, body, errors }: ServerAnswer): Problem | undefined {
  if (status === 403) return forbidden(mark)
  if (status !== 404) return unexpected(mark, status)
  if (errors.some((error) => error.includes('namespace not found'))) return strangeNamespace(mark)
  if (errors.some((error) => /no handler for route|unsupported path/.test(error))) return strangeMount(mark)
  const warnings = asArray(body['warnings']).flatMap((one) => asString(one) ?? [])
  if (warnings.some((warning) => warning.includes('versioned K/V'))) return strangeVersion(mark)
  const isOfServer = Array.isArray(body['errors']) || asObject(body['data']) !== undefined
  return isOfServer ? undefined : unexpected(mark, status)
}

/** What an operator should know of a secret that is named and not there. */
export const missingSentence = (mark: Shelfmark, field: string, hasPath: boolean) =>
  hasPath
    ? `There is no field ${field} at ${placeText(mark)}. Write it, or name another as path#field.`
    : `There is no secret at ${placeText(mark)}. Write it there with a field ${field}; mind key_vault.hashicorp.path, mount and kv_version (${mark.kvVersion}).`

/** Neither the value nor its form are told. */
export const notText = (mark: Shelfmark, field: string) =>
  refused(`The field ${field} at ${placeText(mark)} is not text.`, 'Write the key alone into it.')

export const withoutFields = (mark: Shelfmark) =>
  refused(
    `What is at ${placeText(mark)} has not the form of KV version ${mark.kvVersion}.`,
    'Correct key_vault.hashicorp.kv_version: 1 or 2.',
  )

const forbidden = (mark: Shelfmark) =>
  refused(
    `Reading ${placeText(mark)} is forbidden.`,
    `Give the token a policy with: path "${policyPath(mark)}" { capabilities = ["read"] }. A token that is wrong, revoked or of another namespace is refused alike.`,
    403,
  )

const strangeMount = (mark: Shelfmark) =>
  refused(
    `Nothing is mounted for ${placeText(mark)}.`,
    `Correct key_vault.hashicorp.mount (${mark.mount}) and namespace (${mark.namespace ?? 'none'}); "vault secrets list" shows the mounts.`,
    404,
  )

const strangeNamespace = (mark: Shelfmark) =>
  refused(
    `The secret server at ${mark.address} has no namespace ${mark.namespace ?? 'like that'}.`,
    'Correct key_vault.hashicorp.namespace or VAULT_NAMESPACE.',
    404,
  )

const strangeVersion = (mark: Shelfmark) =>
  refused(
    `The mount ${mark.mount} of the secret server at ${mark.address} keeps versions.`,
    'Set key_vault.hashicorp.kv_version to 2.',
    404,
  )

const unexpected = (mark: Shelfmark, status: number) =>
  refused(
    `Reading ${placeText(mark)} was answered with ${status}.`,
    'See that key_vault.vault_url is the address of a Vault or OpenBao server, and look at its log.',
    status,
  )

const refused = (detail: string, mend: string, upstreamStatus?: number) =>
  new Problem('config_invalid', { detail, mend, upstreamStatus })
