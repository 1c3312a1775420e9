/** The pepper: the secret that turns keys into digests, made once for a data directory and kept beside nothing else. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { Problem } from '#core/domain/problem.ts'

const pepperBytes = 32
const ownerOnly = 0o600

/** The pepper that the environment gives, or that of the data directory. Throws `config_invalid`, `store_unavailable`. */
export function pepperFor({ access, storage }: Config): Uint8Array {
  if (access.keyPepper !== undefined) return Buffer.from(access.keyPepper, 'base64')
  if (!storage.postgres) return pepperOf(storage.dataDir)
  throw new Problem('config_invalid', {
    detail: 'API keys are shared through PostgreSQL, and KEY_PEPPER is not set.',
    mend: 'Set KEY_PEPPER to the same 32 random bytes in base64 at every instance: openssl rand -base64 32',
    param: 'KEY_PEPPER',
  })
}

/** Reads the pepper of a data directory, making it first when there is none. Throws `store_unavailable`. */
function pepperOf(dataDir: string): Uint8Array {
  const file = join(dataDir, 'key-pepper')
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    // Exclusive: of two processes that start at once, the second reads what the first wrote.
    writeFileSync(file, randomBytes(pepperBytes).toString('base64'), { mode: ownerOnly, flag: 'wx' })
  } catch (failure) {
    if (!isAlreadyThere(failure)) throw unusable(file, failure)
  }
  const pepper = Buffer.from(readPepper(file), 'base64')
  if (pepper.byteLength === pepperBytes) return pepper
  throw unusable(
    file,
    undefined,
    'does not hold 32 bytes in base64; restore it, or remove it and make new keys',
  )
}

function readPepper(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (failure) {
    throw unusable(file, failure)
  }
}

const isAlreadyThere = (failure: unknown) =>
  failure instanceof Error && 'code' in failure && failure.code === 'EEXIST'

function unusable(file: string, cause: unknown, why = 'cannot be read or written'): Problem {
  return new Problem('store_unavailable', { detail: `${file} ${why}.`, cause })
}
