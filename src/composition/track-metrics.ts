/** What metrics and health say of tracks: which address and key of which provider, how it fares, never the key itself. */
import type { JsonObject } from '#core/domain/json.ts'
import type { LabelledValue } from '#services/analytics-collector/metrics.ts'
import type { Resilience, TrackHealth } from '#services/resilience/resilience.ts'

/** A catalogue is far smaller, and names that callers invent must not grow the exposition without end. */
const tracksMax = 1_000

export function trackDetails(track: TrackHealth): JsonObject {
  return {
    name: track.name,
    provider: track.provider,
    region: track.region,
    credential: track.credential,
    breaker: track.state,
    success_rate: track.successRate,
    slow_rate: track.slowRate,
    latency_ms: track.latencyMs,
    retry_in_ms: track.retryInMs,
    cools_down_ms: track.restsForMs,
    ejected: track.isEjected,
    suspected: track.isSuspected,
  }
}

export function resilienceReadings(resilience: Pick<Resilience, 'counts'>) {
  return {
    signalbox_retries_total: () => resilience.counts().retries,
    signalbox_retries_denied_total: () => resilience.counts().retriesDenied,
    signalbox_breakers_opened_total: () => resilience.counts().breakersOpened,
    signalbox_hints_heard_total: () => resilience.counts().hintsHeard,
  }
}

export function trackTables(resilience: Pick<Resilience, 'health'>) {
  const rows = (valueOf: (track: TrackHealth) => LabelledValue) =>
    resilience.health().slice(0, tracksMax).map(valueOf)
  return {
    signalbox_track_state: () =>
      rows((track) => ({ labels: { ...labelsOf(track), state: stateOf(track) }, value: 1 })),
    signalbox_track_cool_down_seconds: () =>
      rows((track) => ({ labels: labelsOf(track), value: track.restsForMs / 1_000 })),
  }
}

function labelsOf({ provider, target, region, credential }: TrackHealth) {
  return {
    provider: provider ?? '',
    model: provider !== undefined ? target.slice(provider.length + 1) : target,
    region: region ?? '',
    credential: credential ?? '',
  }
}

function stateOf({ state, isEjected, isSuspected }: TrackHealth): string {
  if (state !== 'closed') return state
  return isEjected ? 'ejected' : isSuspected ? 'suspected' : 'closed'
}
