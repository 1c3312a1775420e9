/** The program's version, read once from its package file. */
import { readFileSync } from 'node:fs'
import { asObject, asString, parseJson } from '#core/domain/json.ts'

const packageFile = new URL('../../package.json', import.meta.url)

export const version =
  asString(asObject(parseJson(readFileSync(packageFile, 'utf8')))?.['version']) ?? 'unknown'
