/** A source that may never answer, as a file system over a network: who reads from it waits for so long and no longer. */
import { Problem } from '#core/domain/problem.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

/**
 * While a reading is overdue nothing more is asked: readings that hang occupy the few threads that read files for
 * everybody. Reads reject with `config_invalid` then.
 */
export function patientSource(source: SecretSource, answerMs: number): SecretSource {
  let overdue = 0
  return {
    kind: source.kind,
    describe: () => source.describe(),
    async read(name) {
      if (overdue > 0) throw silent(source, answerMs)
      const reading = source.read(name)
      const limit = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        overdue += 1
        const end = () => {
          overdue -= 1
        }
        reading.then(end, end)
        limit.reject(silent(source, answerMs))
      }, answerMs)
      try {
        return await Promise.race([reading, limit.promise])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const silent = (source: SecretSource, answerMs: number) =>
  new Problem('config_invalid', {
    detail: `Secrets are not given: ${source.describe()} has not answered within ${answerMs} ms.`,
  })
