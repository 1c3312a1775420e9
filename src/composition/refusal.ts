/** Why Signalbox does not start, in words for a person at a terminal. */
import { Problem } from '#core/domain/problem.ts'

/** One paragraph: what is wrong, where, and how to mend it. A defect of ours shows its stack. */
export function refusalText(failure: unknown): string {
  if (failure instanceof Problem && failure.code !== 'internal_error') {
    return `Signalbox cannot start: ${failure.message}\n${failure.mend}`
  }
  const stack = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
  return `Signalbox cannot start because of a defect of its own. Please report this:\n${stack}`
}

/** A listening socket that could not be opened, as the operator can mend it. */
export function listenProblem(failure: unknown, host: string, port: number): Problem {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  const place = `${host}:${port}`
  const said = { cause: failure, param: 'PORT' }
  if (code === 'EADDRINUSE') {
    return new Problem('config_invalid', {
      ...said,
      detail: `port ${port} on ${host} is taken by another program.`,
      mend: `Stop that program, or choose another port: PORT=${port + 1} npm start`,
    })
  }
  if (code === 'EACCES') {
    return new Problem('config_invalid', {
      ...said,
      detail: `this user may not listen on ${place}.`,
      mend: 'Choose a port above 1023: PORT=8000 npm start',
    })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Problem('config_invalid', {
      cause: failure,
      param: 'HOST',
      detail: `${host} is not an address of this machine.`,
      mend: 'Use HOST=127.0.0.1 for this machine alone, or HOST=0.0.0.0 for every address.',
    })
  }
  return new Problem('internal_error', { cause: failure })
}
