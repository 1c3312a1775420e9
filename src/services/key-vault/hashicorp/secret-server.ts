/** Calls to a HashiCorp Vault or OpenBao server: one deadline, bounded answers, no redirects (Vault HTTP API reference). */
import { Agent, request } from 'undici'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Secret } from '#services/key-vault/secret.ts'

export interface ServerQuestion {
  readonly method: 'GET' | 'POST'
  /** Behind `/v1/`, encoded. */
  readonly path: string
  readonly token?: Secret | undefined
  readonly body?: JsonObject | undefined
  readonly signal?: AbortSignal | undefined
}

/** Every answer that the server gave as one: success and refusal. */
export interface ServerAnswer {
  readonly status: number
  readonly body: JsonObject
  /** What it says went wrong, in its own words, which never hold a secret. */
  readonly errors: readonly string[]
}

export interface SecretServer {
  readonly address: string
  /** Throws `store_unavailable` when there is no such answer: away, silent, sealed, not this kind of server. */
  ask(question: ServerQuestion): Promise<ServerAnswer>
  close(): Promise<void>
}

export interface ServerSettings {
  readonly address: string
  readonly namespace: string | undefined
  /** In PEM. */
  readonly certificates: string | undefined
  readonly timeoutMs: number
}

/** A secret is a few lines; the server itself takes no more than this in one by default. */
const bodyBytesMax = 1_048_576

export function createSecretServer(settings: ServerSettings): SecretServer {
  const { address, namespace, certificates, timeoutMs } = settings
  const tls = certificates === undefined ? {} : { ca: certificates }
  const agent = new Agent({ connect: { timeout: timeoutMs, ...tls } })
  return {
    address,
    async ask(question) {
      const deadline = AbortSignal.timeout(timeoutMs)
      const signal = question.signal ? AbortSignal.any([deadline, question.signal]) : deadline
      try {
        const answer = await request(`${address}/v1/${question.path}`, {
          method: question.method,
          headers: headersOf(question, namespace),
          body: question.body === undefined ? null : JSON.stringify(question.body),
          signal,
          // Secrets are read rarely: a connection kept for the next reading would only break.
          reset: true,
          dispatcher: agent,
        })
        const text = await textWithin(answer.body, address)
        return understood(address, answer.statusCode, text)
      } catch (thrown) {
        if (thrown instanceof Problem) throw thrown
        throw signal.aborted ? silent(address, timeoutMs) : away(address, thrown)
      }
    },
    close: () => agent.destroy(),
  }
}

function headersOf({ token, body }: ServerQuestion, namespace: string | undefined): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': 'signalbox-key-vault',
    // An agent in front of the server may insist on this, so that nobody is tricked into asking it.
    'x-vault-request': 'true',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { 'x-vault-token': token.reveal() }),
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
  }
}

async function textWithin(body: AsyncIterable<Buffer>, address: string): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > bodyBytesMax) {
      throw unavailable(
        `The secret server at ${address} answered with more than ${bodyBytesMax} bytes.`,
        'See that key_vault.vault_url is the address of a Vault or OpenBao server, and that the secret is one of keys.',
      )
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Statuses by which a server says that it cannot answer now: rate limited, standbys, behind in replication. */
const temporary: ReadonlySet<number> = new Set([412, 429, 472, 473])

function understood(address: string, status: number, text: string): ServerAnswer {
  if (status >= 300 && status < 400) {
    throw unavailable(
      `The secret server at ${address} answered ${status}, a redirect, which is not followed.`,
      'State the address that it redirects to in key_vault.vault_url: that of the active server, or of a balancer before it.',
    )
  }
  const body = text === '' ? {} : asObject(parseJson(text))
  const errors = asArray(body?.['errors']).flatMap((one) => asString(one) ?? [])
  if (status === 503 && errors.some((error) => /\bsealed\b/i.test(error))) {
    throw unavailable(
      `The secret server at ${address} is sealed.`,
      'Unseal it: "vault operator unseal" or "bao operator unseal".',
    )
  }
  if (status >= 500 || temporary.has(status)) {
    throw unavailable(
      `The secret server at ${address} answered ${status}.`,
      'Look at its log and at /v1/sys/health; it is asked again by itself.',
    )
  }
  if (!body) {
    throw unavailable(
      `What is at ${address} answered ${status} and no JSON object: that is no secret server.`,
      'Correct key_vault.vault_url; mind the port, usually 8200, and any path before /v1.',
    )
  }
  return { status, body, errors }
}

function silent(address: string, timeoutMs: number): Problem {
  return unavailable(
    `The secret server at ${address} gave no whole answer within ${timeoutMs} ms.`,
    'See that it runs and can be reached from here; key_vault.hashicorp.timeout_ms is how long it may take.',
  )
}

function away(address: string, thrown: unknown): Problem {
  const code = (thrown as { readonly code?: unknown } | undefined)?.code
  const reason = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the connection failed'
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ERR_SSL/.test(reason)
  return unavailable(
    `The secret server at ${address} cannot be reached: ${reason}.`,
    isTrust
      ? 'Name the certificates of who vouches for it in key_vault.hashicorp.ca_file or VAULT_CACERT, and ask for the name that its certificate bears.'
      : 'See that it runs and that key_vault.vault_url is its address.',
  )
}

const unavailable = (detail: string, mend: string) => new Problem('store_unavailable', { detail, mend })
