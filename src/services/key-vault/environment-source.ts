/** Secrets from environment variables, and from the files that `<NAME>_FILE` variables name. */
import { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

/** `environmentSecret` is the settings' own reader: only they read the environment. It may throw. */
export function createEnvironmentSource(
  environmentSecret: (name: string) => string | undefined,
): SecretSource {
  return {
    kind: 'environment',
    describe: () => 'environment variables',
    // An async function, so that what the reader throws becomes a rejection.
    async read(name) {
      const value = environmentSecret(name)?.trim()
      return value === undefined || value === '' ? undefined : new Secret(value)
    },
  }
}
