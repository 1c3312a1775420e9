/** The examples, each run as a person runs it: a process of its own, told where the gateway is. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '..', 'examples')

/** The files of `examples/` or of a folder in it, with this ending. */
export function examplesIn(inner: string, ending: string): readonly string[] {
  const files = readdirSync(join(folder, inner)).filter((name) => name.endsWith(ending))
  assert.ok(files.length > 0, `no example ends in ${ending}`)
  return files.sort().map((name) => join(folder, inner, name))
}

/** Runs it to its end. Throws with everything it said when it fails or says nothing. */
export async function runExample(interpreter: string, file: string, address: string): Promise<string> {
  const child = spawn(interpreter, [file], {
    env: { PATH: process.env['PATH'] ?? '', SIGNALBOX_URL: address, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  assert.equal(code, 0, `${file} ended with ${code}: ${said.stdout}${said.stderr}`)
  assert.notEqual(said.stdout.trim(), '', `${file} says nothing`)
  return said.stdout
}

/** A start without keys answers by itself, at once. */
export const exampleSettings = 'simulation: {first_token_ms: 1, tokens_per_second: 100000}'
