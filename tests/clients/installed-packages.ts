/** The versions of the packages that are installed here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asObject, asString, parseJson } from '#core/domain/json.ts'
import type { Versions } from '#tests/clients/page.ts'

const packages = join(import.meta.dirname, '..', '..', 'node_modules')

export const installedPackages: Versions = {
  of(name) {
    const manifest = parseJson(readFileSync(join(packages, name, 'package.json'), 'utf8'))
    const version = asString(asObject(manifest)?.['version'])
    if (version === undefined) throw new Error(`${name} has no version`)
    return version
  },
}
