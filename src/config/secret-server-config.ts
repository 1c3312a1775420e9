/** The secret server as the rest of the house reads it: where it is, what is mounted where, and how to log in. */

export interface SecretServerConfig {
  /** Without a slash at the end, user, password or query. */
  readonly address: string
  readonly namespace: string | undefined
  /** The KV secrets engine. */
  readonly mount: string
  readonly kvVersion: 1 | 2
  /** Stands before the path of every secret; undefined is nothing. */
  readonly path: string | undefined
  /** The field of a secret that is read when none is named. */
  readonly field: string
  /** The secret whose fields are the usual names of keys; undefined: the server is not asked for these. */
  readonly commonSecret: string | undefined
  readonly login: {
    readonly method: 'token' | 'approle' | 'kubernetes'
    readonly mount: string
    readonly role: string | undefined
    readonly serviceAccountFile: string
  }
  /** Certificates in PEM; undefined: the usual ones. */
  readonly caFile: string | undefined
  /** For one secret, login included. */
  readonly timeoutMs: number
}
