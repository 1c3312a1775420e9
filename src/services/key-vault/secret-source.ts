/** The port of a place that holds secrets: the environment, files, secret servers, and later the vaults of the clouds. */
import type { Secret } from '#services/key-vault/secret.ts'

export interface SecretSource {
  /** One word for audit events: `environment`, `file`, ... */
  readonly kind: string
  /** Where it is, for operators: an address or a path, never a value. */
  describe(): string
  /** Undefined when there is no such secret. Rejects when the source cannot be reached or read. */
  read(name: string): Promise<Secret | undefined>
  /** Called about once a second, for what a source must do in time. Never throws. */
  readonly tend?: () => void
  readonly close?: () => Promise<void>
}
