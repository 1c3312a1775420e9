/** Who can reach this gateway, and what must therefore be closed. */
import type { ConfigFault } from '#config/fault.ts'

export interface ExposureQuestion {
  readonly host: string
  readonly mode: 'auto' | 'development' | 'production'
  readonly requireKey: 'auto' | boolean
  readonly adminKey: string | undefined
}

export interface Exposure {
  readonly mode: 'development' | 'production'
  readonly requireKey: boolean
  readonly faults: readonly ConfigFault[]
  readonly warnings: readonly string[]
}

const keyCharactersMin = 16
/** Keys that stand in examples everywhere, and are therefore no secrets. */
const commonKeys =
  /^(sk[-_])?((my|your|the)[-_ ]?)?(super[-_ ]?)?(admin|secret|password|changeme|change[-_ ]me|test|default|example|api|key|token|1234\d*)([-_ ]?(admin|api|key|secret|token|here|123\d*))*$/i

/** Whether an address is reached from this machine alone: `localhost`, `127.x.x.x`, `::1`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return (
    name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name) || name === '::ffff:127.0.0.1'
  )
}

/** Decides how open the door is. An address that others can reach is never open, whatever the settings say. */
export function judgeExposure(question: ExposureQuestion): Exposure {
  const faults: ConfigFault[] = []
  const warnings: string[] = []
  const isLocal = isLoopback(question.host)
  if (!isLocal && question.mode === 'development') {
    faults.push({
      path: ['mode'],
      reason: `cannot be development while server.host is ${question.host}: others can reach that address; listen on 127.0.0.1 or use production`,
    })
  }
  if (!isLocal && question.requireKey === false) {
    faults.push({
      path: ['access', 'require_key'],
      reason: `cannot be false while server.host is ${question.host}: others can reach that address and would spend your money`,
    })
  }
  judgeAdminKey(question, isLocal, { faults, warnings })
  const isDevelopment = isLocal && question.mode !== 'production' && question.requireKey !== true
  const mode =
    question.mode === 'development' || (question.mode === 'auto' && isDevelopment)
      ? 'development'
      : 'production'
  const requireKey = question.requireKey === 'auto' ? mode === 'production' : question.requireKey
  if (requireKey && question.adminKey === undefined) {
    warnings.push(
      'Keys are required and ADMIN_API_KEY is not set: no key can be made by API, only by "signalbox keys create --tenant NAME", also while this runs.',
    )
  }
  return { mode, requireKey, faults, warnings }
}

function judgeAdminKey(
  question: ExposureQuestion,
  isLocal: boolean,
  found: { readonly faults: ConfigFault[]; readonly warnings: string[] },
): void {
  const key = question.adminKey
  if (key === undefined) return
  const isShort = key.length < keyCharactersMin
  if (!isShort && !commonKeys.test(key)) return
  const reason = isShort ? `has fewer than ${keyCharactersMin} characters` : 'is a key from an example'
  if (isLocal) found.warnings.push(`ADMIN_API_KEY ${reason}; that is allowed on a loopback address only.`)
  else {
    found.faults.push({
      source: 'environment',
      path: ['ADMIN_API_KEY'],
      reason: `${reason}, and others can reach ${question.host}; make one with: openssl rand -hex 32`,
    })
  }
}
