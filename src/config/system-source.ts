/** The real disk and the real environment, as the configuration reads them. */
import { readFileSync } from 'node:fs'
import type { ConfigSource } from '#config/config.ts'

/** Files and variables of this process. Relative paths start at the folder that the program was started in. */
export function systemSource(file?: string): ConfigSource {
  return { file, environment: process.env, readFile: readTextFile }
}

/** The text of a file, or undefined when there is none. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
