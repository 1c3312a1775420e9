/** Several keys and addresses of one provider, as the house reads them. */

export interface PooledKeyConfig {
  /** Its name in the key vault, never the key. */
  readonly name: string
  readonly weight: number
}

export interface RegionConfig {
  readonly name: string
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly weight: number
  /** Undefined: the provider's own. */
  readonly keys: readonly PooledKeyConfig[] | undefined
}
