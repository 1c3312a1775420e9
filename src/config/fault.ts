/** What is wrong in a settings or catalogue file: where, why, and what was probably meant. */
import { Problem } from '#core/domain/problem.ts'

export type ConfigPath = ReadonlyArray<string | number>

export interface ConfigFault {
  /** The file that it stands in, or `environment`. */
  readonly source?: string | undefined
  /** The setting, or the environment variable alone. */
  readonly path: ConfigPath
  /** Completes a sentence that begins with the path: `must be a whole number`. */
  readonly reason: string
  /** The name that was probably meant. */
  readonly nearest?: string | undefined
  /** The last part of the path is a key that should not be there: the position is that of the key. */
  readonly isAboutKey?: boolean | undefined
  /** Counted from 1; undefined outside of files. */
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** `routing.routes.cheap.targets[2]`: a path as people write it. */
export function pathText(path: ConfigPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text === '' ? 'the file' : text
}

/** All faults as one Problem, each on its own line of the sentence and as an entry of `facts.faults`. */
export function configInvalid(faults: readonly ConfigFault[]): Problem {
  const lines = faults.map((fault) => `  ${faultText(fault)}`)
  const first = faults[0]
  return new Problem('config_invalid', {
    detail: `The configuration is not valid:\n${lines.join('\n')}`,
    param: first && pathText(first.path),
    nearest: first?.nearest === undefined ? undefined : [first.nearest],
    facts: {
      faults: faults.map((fault) => ({
        source: fault.source,
        path: pathText(fault.path),
        reason: fault.reason,
        nearest: fault.nearest,
        line: fault.line,
        column: fault.column,
      })),
    },
  })
}

function faultText(fault: ConfigFault): string {
  const source = fault.source ?? 'settings'
  const place = fault.line === undefined ? source : `${source}:${fault.line}:${fault.column ?? 1}`
  const meant = fault.nearest === undefined ? '' : `; did you mean ${fault.nearest}?`
  return `${place}: ${pathText(fault.path)} ${fault.reason}${meant}`
}
