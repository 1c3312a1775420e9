/** Load control joined to the house: its settings, its clock, and what health and metrics tell of it. */
import type { HouseParts } from '#composition/house.ts'
import type { Config } from '#config/config.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { createLoadControl } from '#services/load-control/load-control.ts'
import type { LoadControl, LoadSettings } from '#services/load-control/load-control.ts'

const usualWeight = 1

function loadSettings({ load, limits }: Config): LoadSettings {
  return {
    ...load,
    weightOf: (tenantId) => load.tenantWeights.get(tenantId) ?? usualWeight,
    priorityMaxOfKeys: limits.perKey.priorityMax,
    priorityMaxOfTenants: limits.perTenant.priorityMax,
  }
}

/** Load control with settings that a reload replaces whole. */
export interface LoadRoom {
  readonly loadControl: LoadControl
  readonly apply: (next: Config) => void
}

export function openLoadRoom({ config, clock, readLoad }: HouseParts): LoadRoom {
  let settings = loadSettings(config)
  const later = (durationMs: number, callBack: () => void) => {
    // Whoever waits has a connection, which keeps the process; nobody else needs the callback.
    const timer = setTimeout(callBack, durationMs).unref()
    return () => clearTimeout(timer)
  }
  return {
    loadControl: createLoadControl({ clock, later, read: readLoad }, () => settings),
    apply(next) {
      settings = loadSettings(next)
    },
  }
}

export function loadReadings(loadControl: LoadControl) {
  return {
    signalbox_load_level: () => loadControl.state().level,
    signalbox_event_loop_delay_seconds: () => loadControl.state().reading.loopDelayMs / 1_000,
    signalbox_memory_share: () => loadControl.state().reading.memoryShare,
    signalbox_shed_requests_total: () => loadControl.state().shed,
    signalbox_waiting_requests: () => loadControl.state().waiting,
    signalbox_queued_requests_total: () => loadControl.state().queued,
    signalbox_queue_refusals_total: () => loadControl.state().queueRefused,
    signalbox_queue_wait_seconds_total: () => loadControl.state().queueWaitedMs / 1_000,
  }
}

/** For operators. */
export function loadHealth(loadControl: LoadControl): JsonObject {
  const { level, reading, shed, waiting, targets } = loadControl.state()
  return {
    level,
    event_loop_delay_ms: Math.round(reading.loopDelayMs),
    memory_share: Math.round(reading.memoryShare * 1_000) / 1_000,
    shed_requests: shed,
    waiting_requests: waiting,
    targets: targets.map((target) => ({
      name: target.name,
      concurrency_limit: target.limit,
      under_way: target.underWay,
      waiting: target.waiting,
    })),
  }
}
