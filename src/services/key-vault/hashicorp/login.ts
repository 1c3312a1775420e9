/** The ways to log in at a secret server: a token that is there already, AppRole, and a Kubernetes service account. */
import { readFile } from 'node:fs/promises'
import type { Clock } from '#core/domain/clock.ts'
import { asNumber, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { urlPath } from '#services/key-vault/hashicorp/secret-path.ts'
import type { SecretServer, ServerAnswer } from '#services/key-vault/hashicorp/secret-server.ts'
import { Secret } from '#services/key-vault/secret.ts'

export interface LoginSettings {
  readonly method: 'token' | 'approle' | 'kubernetes'
  readonly mount: string
  readonly role: string | undefined
  readonly serviceAccountFile: string
}

export interface LoginPorts {
  readonly server: SecretServer
  readonly settings: LoginSettings
  readonly clock: Clock
  /** The value of an environment variable or of the file that `<NAME>_FILE` names; read anew each time. May throw. */
  readonly credential: (name: string) => string | undefined
}

export interface Grant {
  readonly token: Secret
  /** How long the token lives; undefined: for ever, or nobody said. */
  readonly leaseMs: number | undefined
  readonly isRenewable: boolean
}

/**
 * A secret id that was refused is not shown again before this is over, unless it has changed: servers lock a role after
 * five wrong ones, for everybody, and forget them a quarter of an hour after the last.
 */
const refusedRestMs = 960_000

/** Logins throw `config_invalid` when a credential is missing or refused, `store_unavailable` when nobody answers. */
export function createLogin(ports: LoginPorts): () => Promise<Grant> {
  const { method } = ports.settings
  if (method === 'token') return () => takeToken(ports)
  if (method === 'kubernetes') return () => logInByAccount(ports)
  const { clock } = ports
  let refused: { readonly shown: string; readonly problem: Problem; readonly atMs: number } | undefined
  return async () => {
    const body = roleCredentials(ports)
    const shown = JSON.stringify(body)
    if (refused?.shown === shown && clock.monotonicMs() - refused.atMs < refusedRestMs) throw refused.problem
    try {
      return await loggedIn(ports, body, roleAdvice)
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'config_invalid')
        refused = { shown, problem: thrown, atMs: clock.monotonicMs() }
      throw thrown
    }
  }
}

const roleAdvice =
  'VAULT_ROLE_ID and VAULT_SECRET_ID (a new one may be needed; a server locks the role for a while after several wrong ones; the same ones are tried again after 16 minutes, changed ones at once)'

/** A longer life for a token; undefined when the server refuses one. Throws `store_unavailable`. */
export async function renew(server: SecretServer, token: Secret): Promise<Grant | undefined> {
  const answer = await server.ask({ method: 'POST', path: 'auth/token/renew-self', token, body: {} })
  return answer.status === 200 ? grantOf(answer) : undefined
}

/** Whether the server knows the token; the same question tells how long it lives. */
export async function lookUp(server: SecretServer, token: Secret): Promise<JsonObject | undefined> {
  const answer = await server.ask({ method: 'GET', path: 'auth/token/lookup-self', token })
  return answer.status === 200 ? asObject(answer.body['data']) : undefined
}

async function takeToken({ server, credential }: LoginPorts): Promise<Grant> {
  const token = new Secret(needed(credential, 'VAULT_TOKEN', 'token'))
  // Tokens may be forbidden to look at themselves; then the first reading tells whether this one is good.
  const about = await lookUp(server, token)
  return {
    token,
    leaseMs: lifeOf(about?.['ttl']),
    isRenewable: about?.['renewable'] === true,
  }
}

function roleCredentials({ credential }: LoginPorts): JsonObject {
  const role = needed(credential, 'VAULT_ROLE_ID', 'approle')
  const secret = credential('VAULT_SECRET_ID')
  return { role_id: role, ...(secret === undefined ? {} : { secret_id: secret }) }
}

async function logInByAccount(ports: LoginPorts): Promise<Grant> {
  const { role, serviceAccountFile } = ports.settings
  const jwt = await readFile(serviceAccountFile, 'utf8').catch(() => undefined)
  if (jwt === undefined) {
    throw new Problem('config_invalid', {
      detail: `The service account's token ${serviceAccountFile} cannot be read.`,
      mend: 'Let the pod mount its service account token, or name its place in key_vault.hashicorp.login.service_account_file.',
    })
  }
  const body = { role: role ?? '', jwt: jwt.trim() }
  return loggedIn(ports, body, `that the role ${role ?? ''} is bound to this service account and namespace`)
}

async function loggedIn(ports: LoginPorts, body: JsonObject, what: string): Promise<Grant> {
  const { server, settings } = ports
  const answer = await server.ask({ method: 'POST', path: `auth/${urlPath(settings.mount)}/login`, body })
  const grant = answer.status === 200 ? grantOf(answer) : undefined
  if (grant) return grant
  throw new Problem('config_invalid', {
    detail: `The secret server at ${server.address} refused the login by ${settings.method} at auth/${settings.mount} with ${answer.status}.`,
    mend: `Check ${what}, key_vault.hashicorp.login.mount, and the namespace.`,
    upstreamStatus: answer.status,
  })
}

function grantOf({ body }: ServerAnswer): Grant | undefined {
  const auth = asObject(body['auth'])
  const token = asString(auth?.['client_token'])
  if (token === undefined || token === '') return undefined
  return {
    token: new Secret(token),
    leaseMs: lifeOf(auth?.['lease_duration']),
    isRenewable: auth?.['renewable'] === true,
  }
}

/** Stated in seconds, where 0 is for ever. */
function lifeOf(seconds: JsonValue | undefined): number | undefined {
  const stated = asNumber(seconds)
  return stated === undefined || stated <= 0 ? undefined : stated * 1_000
}

function needed(credential: LoginPorts['credential'], name: string, method: string): string {
  const value = credential(name)
  if (value !== undefined) return value
  throw new Problem('config_invalid', {
    detail: `${name} is not set, which login by ${method} at the secret server needs.`,
    mend: `Set ${name}, or ${name}_FILE to the file that holds it.`,
  })
}
