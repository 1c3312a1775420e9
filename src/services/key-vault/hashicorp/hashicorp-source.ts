/** Secrets from a HashiCorp Vault or OpenBao server: the KV engine, versions 1 and 2, and the login in front of it. */
import { readFile } from 'node:fs/promises'
import type { Chance, Clock } from '#core/domain/clock.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { createLogin, lookUp, renew } from '#services/key-vault/hashicorp/login.ts'
import type { LoginSettings } from '#services/key-vault/hashicorp/login.ts'
import {
  missingSentence,
  notText,
  policyPath,
  refusalOf,
  withoutFields,
} from '#services/key-vault/hashicorp/refusals.ts'
import type { Shelfmark } from '#services/key-vault/hashicorp/refusals.ts'
import { placeOf, urlPath } from '#services/key-vault/hashicorp/secret-path.ts'
import type { PathRules, SecretPlace } from '#services/key-vault/hashicorp/secret-path.ts'
import { createSecretServer } from '#services/key-vault/hashicorp/secret-server.ts'
import type { SecretServer, ServerAnswer } from '#services/key-vault/hashicorp/secret-server.ts'
import { createTokenKeeper } from '#services/key-vault/hashicorp/token-keeper.ts'
import type { TokenKeeper } from '#services/key-vault/hashicorp/token-keeper.ts'
import { oneAtATime } from '#services/key-vault/one-at-a-time.ts'
import { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

export interface HashicorpSettings extends PathRules {
  readonly address: string
  readonly namespace: string | undefined
  readonly mount: string
  readonly kvVersion: 1 | 2
  readonly login: LoginSettings
  readonly caFile: string | undefined
  /** For one secret, login included. */
  readonly timeoutMs: number
}

export interface HashicorpPorts {
  readonly clock: Clock
  readonly chance: Chance
  /** The value of an environment variable or of the file that `<NAME>_FILE` names; read anew each time. */
  readonly credential: (name: string) => string | undefined
  /** How long a login that failed is not tried again. */
  readonly restMs: () => number
  readonly warn: (sentence: string) => void
  readonly report: (failure: unknown, place: string) => void
}

/** Nothing is asked yet. Throws `config_invalid` when the file of certificates cannot be read. */
export async function openHashicorpSource(
  ports: HashicorpPorts,
  settings: HashicorpSettings,
): Promise<SecretSource> {
  const { address, namespace, timeoutMs } = settings
  const certificates = await certificatesOf(settings.caFile)
  const server = createSecretServer({ address, namespace, certificates, timeoutMs })
  const keeper = createTokenKeeper({
    ...ports,
    logIn: createLogin({ ...ports, server, settings: settings.login }),
    renew: (token) => renew(server, token),
    isKnown: async (token) => (await lookUp(server, token)) !== undefined,
  })
  const readFields = oneAtATime((path: string) => fieldsAt(markOf(settings, path), server, keeper))
  const missed = new Set<string>()

  return {
    kind: 'hashicorp',
    describe: () => `${address} (mount ${settings.mount}${namespaceText(namespace)})`,
    async read(name) {
      const place = placeOf(name, settings)
      if (!place) return undefined
      const mark = markOf(settings, place.path)
      const fields = await within(timeoutMs, readFields(place.path), address)
      const secret = fields === undefined ? undefined : secretIn(fields, place.field, mark)
      if (secret) missed.delete(nameOf(place))
      else if (place.isNamed || !fields)
        tellMissing(place, missingSentence(mark, place.field, fields !== undefined))
      return secret
    },
    tend: () => keeper.tend(),
    close: () => server.close(),
  }

  /** Once, until it was found again. */
  function tellMissing(place: SecretPlace, sentence: string): void {
    if (missed.has(nameOf(place))) return
    missed.add(nameOf(place))
    ports.warn(sentence)
  }
}

/** A usual name may well be missing; the secret that has them all is missed as one. */
const nameOf = ({ path, field, isNamed }: SecretPlace) => (isNamed ? `${path}#${field}` : path)

const namespaceText = (namespace: string | undefined) =>
  namespace === undefined ? '' : `, namespace ${namespace}`

const markOf = ({ address, namespace, mount, kvVersion }: HashicorpSettings, path: string): Shelfmark => ({
  address,
  namespace,
  mount,
  kvVersion,
  path,
})

/** The fields of a secret; undefined when there is none. Throws `config_invalid`, `store_unavailable`. */
async function fieldsAt(
  mark: Shelfmark,
  server: SecretServer,
  keeper: TokenKeeper,
): Promise<JsonObject | undefined> {
  const ask = (token: Secret) => server.ask({ method: 'GET', path: urlPath(policyPath(mark)), token })
  const token = await keeper.obtain()
  let answer = await ask(token)
  if (answer.status === 403) {
    const other = await keeper.replace(token)
    if (other) answer = await ask(other)
  }
  if (answer.status === 200) return fieldsOf(mark, answer)
  const refusal = refusalOf(mark, answer)
  if (refusal) throw refusal
  return undefined
}

function fieldsOf(mark: Shelfmark, { body }: ServerAnswer): JsonObject {
  const data = asObject(body['data'])
  const fields = mark.kvVersion === 2 ? asObject(data?.['data']) : data
  if (!fields) throw withoutFields(mark)
  return fields
}

function secretIn(fields: JsonObject, field: string, mark: Shelfmark): Secret | undefined {
  const value: JsonValue | undefined = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw notText(mark, field)
  const trimmed = value.trim()
  return trimmed === '' ? undefined : new Secret(trimmed)
}

async function certificatesOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Problem('config_invalid', {
      detail: `The certificates ${file} of the secret server cannot be read.`,
      mend: 'Correct key_vault.hashicorp.ca_file or VAULT_CACERT.',
      cause,
    })
  }
}

/** The whole reading, with a login before it, takes no longer than one call may. */
async function within<T>(timeoutMs: number, reading: Promise<T>, address: string): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const over = Promise.withResolvers<never>()
  const giveUp = () =>
    over.reject(
      new Problem('store_unavailable', {
        detail: `The secret server at ${address} did not give a secret within ${timeoutMs} ms.`,
        mend: 'See that it answers quickly; key_vault.hashicorp.timeout_ms is how long it may take.',
      }),
    )
  deadline.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([reading, over.promise])
  } finally {
    deadline.removeEventListener('abort', giveUp)
  }
}
