/** A Python environment of its own with the pinned clients, kept beside the installed packages and reused while they stay the same. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { asArray, asObject, asString, parseJson } from '#core/domain/json.ts'
import type { Versions } from '#tests/clients/page.ts'

const requirements = join(import.meta.dirname, 'requirements.txt')
const constraints = join(import.meta.dirname, 'constraints.txt')
const cache = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'signalbox-python')

export interface PythonEnvironment {
  /** The interpreter. */
  readonly python: string
  readonly versions: Versions
}

/** Undefined, with the reason printed, where there is no Python that can do it. Throws when the packages cannot be installed. */
export function openPythonEnvironment(): PythonEnvironment | undefined {
  const system = findPython()
  if (system === undefined) {
    console.log('Skipped: there is no Python 3.10 or newer here (looked for python3 and python).')
    return undefined
  }
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(readFileSync(constraints))
    .update(system.version)
    .digest('hex')
    .slice(0, 16)
  const folder = join(cache, key)
  const python = join(folder, 'bin', 'python')
  const finished = join(folder, 'installed')
  if (!existsSync(finished)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    install(system.command, folder, python)
    writeFileSync(finished, '')
  }
  return { python, versions: versionsIn(python) }
}

function install(system: string, folder: string, python: string): void {
  console.log(`Installing the Python clients into ${folder}`)
  execFileSync(system, ['-m', 'venv', folder], { stdio: 'inherit' })
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input']
  execFileSync(python, ['-m', 'pip', 'install', ...quietly, '-r', requirements, '-c', constraints], {
    stdio: 'inherit',
  })
}

interface SystemPython {
  readonly command: string
  readonly version: string
}

function findPython(): SystemPython | undefined {
  for (const command of ['python3', 'python']) {
    try {
      const ask = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'
      const version = execFileSync(command, ['-c', ask], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major === 3 && minor >= 10) return { command, version }
    } catch {
      // Not this one.
    }
  }
  return undefined
}

function versionsIn(python: string): Versions {
  const listed = execFileSync(python, ['-m', 'pip', 'list', '--format=json', '--disable-pip-version-check'], {
    encoding: 'utf8',
  })
  const packages = new Map(
    asArray(parseJson(listed)).map((one) => {
      const { name, version } = asObject(one) ?? {}
      return [asString(name) ?? '', asString(version) ?? '']
    }),
  )
  return {
    of(name) {
      const version = packages.get(name)
      if (version === undefined) throw new Error(`${name} is not installed`)
      return version
    },
  }
}
