/** Secrets from disk: a folder with one file for each, or one file of names and values (YAML, JSON or NAME=value lines). */
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { asObject, parseJson } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { patientSource } from '#services/key-vault/patient-source.ts'
import { Secret } from '#services/key-vault/secret.ts'
import type { SecretSource } from '#services/key-vault/secret-source.ts'

export interface FileSourcePorts {
  readonly path: string
  /** Reads YAML text; whatever it throws makes the source unreadable. */
  readonly parseYaml: (text: string) => unknown
  /** Told once for each file of a folder that others on this machine can read. */
  readonly warn: (sentence: string) => void
  /** POSIX file modes mean nothing on Windows. */
  readonly hasPosixModes?: boolean | undefined
}

const othersMayRead = 0o004
/** No key is longer, and a file of keys is no larger. */
const fileBytesMax = 1_048_576
/** A disk answers in milliseconds; beyond this it is a network that does not. */
const answerMs = 2_000
/** A secret's name becomes a file's name: no separators, nothing hidden, nothing above. */
const fileName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/

/**
 * A single file that everybody may read is refused (`config_invalid`): somebody made it so by mistake. Files of a folder
 * are only warned of, because orchestrators mount secrets that way, inside a container that nobody else is in.
 */
export function createFileSource(ports: FileSourcePorts): SecretSource {
  const { path, hasPosixModes = true } = ports
  const warned = new Set<string>()

  const checkMode = (file: string, mode: number, isMounted: boolean) => {
    if (!hasPosixModes || (mode & othersMayRead) === 0) return
    if (!isMounted) throw worldReadable(file)
    if (warned.has(file)) return
    warned.add(file)
    ports.warn(`The secret file ${file} can be read by every user of this machine.`)
  }

  const readOne = async (name: string): Promise<string | undefined> => {
    if (!fileName.test(name)) return undefined
    const file = join(path, name)
    const found = await stat(file).catch(absent)
    if (!found?.isFile()) return undefined
    checkMode(file, found.mode, true)
    return readWithin(file, found.size)
  }

  const readNamed = async (size: number, name: string): Promise<string | undefined> => {
    const values = valuesOf(await readWithin(path, size), extname(path), ports.parseYaml)
    return Object.hasOwn(values, name) ? textOf(values[name]) : undefined
  }

  const source: SecretSource = {
    kind: 'file',
    describe: () => path,
    async read(name) {
      const found = await stat(path).catch(absent)
      if (!found)
        throw new Problem('config_invalid', { detail: `The key vault file ${path} does not exist.` })
      // Whoever reads a pipe waits for its writer.
      if (!found.isDirectory() && !found.isFile()) throw neitherFileNorFolder(path)
      if (!found.isDirectory()) checkMode(path, found.mode, false)
      const value = found.isDirectory() ? await readOne(name) : await readNamed(found.size, name)
      const trimmed = value?.trim() ?? ''
      return trimmed === '' ? undefined : new Secret(trimmed)
    },
  }
  return patientSource(source, answerMs)
}

const neitherFileNorFolder = (path: string) =>
  new Problem('config_invalid', { detail: `The key vault file ${path} is neither a file nor a folder.` })

function readWithin(file: string, size: number): Promise<string> {
  if (size <= fileBytesMax) return readFile(file, 'utf8')
  throw new Problem('config_invalid', {
    detail: `The secret file ${file} is larger than ${fileBytesMax} bytes.`,
  })
}

function valuesOf(
  text: string,
  extension: string,
  parseYaml: (text: string) => unknown,
): Readonly<Record<string, unknown>> {
  if (extension === '.json') return asObject(parseJson(text)) ?? malformed()
  if (extension === '.yaml' || extension === '.yml') return asObject(parseYaml(text)) ?? malformed()
  return linesOf(text)
}

/** `NAME=value` lines; `export` before, quotes around and comment lines are understood. */
function linesOf(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line)
    const [, name, value] = match ?? []
    if (name === undefined || value === undefined) continue
    const quoted = /^(["'])(.*)\1$/.exec(value)
    values[name] = quoted?.[2] ?? value
  }
  return values
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** Never with the parser's own words: they quote the file. */
function malformed(): never {
  throw new Problem('config_invalid', { detail: 'The key vault file is not an object of names and secrets.' })
}

function worldReadable(file: string): Problem {
  return new Problem('config_invalid', {
    detail: `The secret file ${file} can be read by every user of this machine.`,
    mend: `Run: chmod 600 ${file}`,
  })
}

function absent(failure: unknown): undefined {
  const code = (failure as { readonly code?: unknown }).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
  throw failure
}
