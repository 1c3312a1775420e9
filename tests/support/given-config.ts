/** A configuration loaded from texts that a test states, and the refusal of a wrong one. */
import assert from 'node:assert/strict'
import type { Config } from '#config/config.ts'
import { loadConfig } from '#config/load.ts'
import { Problem } from '#core/domain/problem.ts'

export interface GivenConfig {
  /** The text of config/admin_config.yaml; undefined is no such file. */
  readonly yaml?: string | undefined
  readonly environment?: Readonly<Record<string, string>>
  /** Further files by path. */
  readonly files?: Readonly<Record<string, string>>
}

export function loadGiven(given: GivenConfig = {}, running?: Config): Config {
  const files: Record<string, string | undefined> = {
    'config/admin_config.yaml': given.yaml,
    ...given.files,
  }
  return loadConfig({ environment: given.environment ?? {}, readFile: (path) => files[path] }, running)
}

/** The Problem that refuses it; fails the test when it is accepted. */
export function refusalOf(given: GivenConfig): Problem {
  try {
    loadGiven(given)
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'config_invalid')
    return error
  }
  assert.fail('the configuration was accepted')
}
