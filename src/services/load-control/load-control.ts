/** Load control: who is served now, who waits and who is turned away, by what each target and this process can take. */
import type { Caller } from '#core/domain/caller.ts'
import { lowerPriority, usualPriority } from '#core/domain/priority.ts'
import type { Priority } from '#core/domain/priority.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Soon } from '#core/domain/soon.ts'
import { createShedding } from '#services/load-control/shedding.ts'
import type { LoadReading, SheddingLevel, SheddingSettings } from '#services/load-control/shedding.ts'
import { createTargetGate } from '#services/load-control/target-gate.ts'
import type {
  GatePorts,
  GateSettings,
  Slot,
  SlotWish,
  TargetGate,
} from '#services/load-control/target-gate.ts'

export interface LoadSettings extends GateSettings {
  readonly shedding: SheddingSettings
  /** The most that keys and tenants may use that say nothing themselves; undefined is the usual priority. */
  readonly priorityMaxOfKeys: Priority | undefined
  readonly priorityMaxOfTenants: Priority | undefined
}

export interface LoadControl {
  /**
   * The priority that a caller gets: what it wishes, or the usual, and never more than its key and tenant may use.
   * Throws `overloaded` when such requests are turned away now.
   */
  admit(caller: Caller, wished: Priority | undefined): Priority
  /** A place at a target, at once or after waiting. Throws as `TargetGate.enter` does. */
  enter(targetName: string, wish: SlotWish): Soon<Slot>
  /** Takes a new reading of the process's own load; to be called at regular intervals. */
  tick(): void
  state(): LoadState
}

export interface LoadState {
  readonly level: SheddingLevel
  readonly reading: LoadReading
  readonly shed: number
  readonly queued: number
  readonly queueRefused: number
  readonly queueWaitedMs: number
  readonly waiting: number
  readonly targets: readonly TargetLoad[]
}

export interface TargetLoad {
  readonly name: string
  readonly limit: number
  readonly underWay: number
  readonly waiting: number
}

export interface LoadControlPorts extends Pick<GatePorts, 'clock' | 'later'> {
  readonly read: () => LoadReading
}

/** What turned-away callers are told to wait. */
const shedRetryMs = 2_000
/** More targets than anybody configures; callers can invent names at providers whose models are not listed. */
const gatesMax = 4_096

export function createLoadControl(ports: LoadControlPorts, settings: () => LoadSettings): LoadControl {
  const counts = { shed: 0, queued: 0, queueRefused: 0, queueWaitedMs: 0 }
  const shedding = createShedding(ports.read, () => settings().shedding)
  const gates = new Map<string, TargetGate>()
  const gatePorts: GatePorts = {
    clock: ports.clock,
    later: ports.later,
    onQueue: () => counts.queued++,
    onRefusal: () => counts.queueRefused++,
    onEnd: (waitedMs) => {
      counts.queueWaitedMs += waitedMs
    },
  }
  const gateOf = (name: string): TargetGate => {
    const known = gates.get(name)
    if (known) return known
    if (gates.size >= gatesMax) forgetIdle(gates)
    const gate = createTargetGate(name, gatePorts, settings)
    gates.set(name, gate)
    return gate
  }

  return {
    admit(caller, wished) {
      const priority = lowerPriority(wished ?? usualPriority, priorityMaxOf(caller, settings()))
      if (shedding.level === 0 || !shedding.isShed(priority)) return priority
      counts.shed++
      throw new Problem('overloaded', { retryAfterMs: shedRetryMs, facts: { priority } })
    },
    enter: (targetName, wish) =>
      gateOf(targetName).enter(wish, !shedding.shedsWaiting || wish.priority === 'critical'),
    tick: () => shedding.tick(),
    state: () => ({
      level: shedding.level,
      reading: shedding.reading,
      ...counts,
      waiting: [...gates.values()].reduce((sum, { waiting }) => sum + waiting, 0),
      targets: [...gates].map(([name, { limit, underWay, waiting }]) => ({ name, limit, underWay, waiting })),
    }),
  }
}

/** The operator's own key is bound by nothing. */
function priorityMaxOf({ role, limits }: Caller, settings: LoadSettings): Priority {
  if (role === 'operator') return 'critical'
  const ofKey = limits?.priorityMax ?? settings.priorityMaxOfKeys ?? usualPriority
  return settings.priorityMaxOfTenants ? lowerPriority(ofKey, settings.priorityMaxOfTenants) : ofKey
}

/** The first that nobody uses; what was learned of it is found out again. */
function forgetIdle(gates: Map<string, TargetGate>): void {
  for (const [name, gate] of gates) {
    if (gate.underWay > 0 || gate.waiting > 0) continue
    gates.delete(name)
    return
  }
}
