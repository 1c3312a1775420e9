/** One target under watch: its tracks, which of them to take, and how long it usually takes. */
import type { Chance, Clock } from '#core/domain/clock.ts'
import { nowhere } from '#core/domain/crowd.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProviderRow, Target, TargetSignal } from '#core/domain/target.ts'
import { tracksOf } from '#core/domain/track.ts'
import type { Track } from '#core/domain/track.ts'
import type { BreakerSettings, OpenCause, Outcome } from '#services/resilience/breaker.ts'
import { coolDownAfter } from '#services/resilience/cool-down.ts'
import type { CoolDownSettings } from '#services/resilience/cool-down.ts'
import { classOf, isUnconnected } from '#services/resilience/error-classes.ts'
import type { KeyRests } from '#services/resilience/key-rests.ts'
import type { Hint } from '#services/resilience/hints.ts'
import { outlierAmong } from '#services/resilience/outliers.ts'
import type { EjectionSettings } from '#services/resilience/outliers.ts'
import { silentAfterMs } from '#services/resilience/silence-watch.ts'
import type {
  EndOfWait,
  SilenceSettings,
  SilenceWatch,
  StopCall,
} from '#services/resilience/silence-watch.ts'
import { chooseTrack, standings } from '#services/resilience/track-choice.ts'
import type { Standing } from '#services/resilience/track-choice.ts'
import { createTrackWatch, movedAverage, successRateOf } from '#services/resilience/track-watch.ts'
import type { TrackWatch } from '#services/resilience/track-watch.ts'
import { createTypicalWait } from '#services/resilience/typical-wait.ts'
import type { TypicalWait } from '#services/resilience/typical-wait.ts'

export interface WatchSettings {
  readonly breaker: BreakerSettings
  readonly silence: SilenceSettings
  readonly coolDown: CoolDownSettings
  readonly ejection: EjectionSettings
}

/** How an attempt ended. `neutral` says nothing about the track: the caller left, or the request itself was wrong. */
export type PassEnding = 'success' | 'failure' | 'neutral' | Problem

/** A place at one track of a target. */
export interface TargetPass {
  /** The provider as it is to be asked: at the address of this track, with its key. */
  readonly row: ProviderRow
  /**
   * A call is on its way, and can be ended by this while nothing has come of it: when its track says nothing to others
   * either and the request may go elsewhere.
   */
  readonly sent: (stop: StopCall) => void
  /** The first content of a stream has come. */
  began(firstTokenMs: number): void
  /** The key that was refused has been replaced: it need not be spared any more. */
  keyReplaced(): void
  /** Must be called, once; later calls do nothing. `tookMs` is the first content's time, or a whole answer's. */
  close(ending: PassEnding, tookMs?: number): void
}

export interface EnterTerms {
  readonly isStreamed: boolean
  /** The names of the tracks that this request has asked already; the one taken now is added. */
  readonly tried: string[]
  readonly inputTokens?: number | undefined
  /**
   * Whether the request has another target that could answer now. Left out, it says nothing about that: then its calls
   * are not ended for their silence, and a track that is left alone stays left alone.
   */
  readonly mayMoveOn?: (() => boolean) | undefined
  readonly isThinking: boolean
  /** A first content later than this is slow. */
  readonly slowAfterMs: number
}

export interface TargetWatch {
  /** Throws `circuit_open`. */
  enter(target: Target, terms: EnterTerms): TargetPass
  /** How many tracks that were not tried could be asked at once. */
  freshTracks(target: Target, tried: readonly string[]): number
  readonly signal: TargetSignal
  /** How long it usually takes: streams to their first content, others in all. */
  usualWait(isStreamed: boolean): TypicalWait
  readonly tracks: ReadonlyMap<string, TrackWatch>
  /** Undefined for a track that is known by hearsay alone. */
  trackNamed(track: string): Track | undefined
  hear(hint: Hint): void
}

export interface WatchPorts {
  readonly clock: Clock
  readonly chance: Chance
  readonly silences: SilenceWatch
  /** Which keys are spared whatever the model. */
  readonly keyRests: Pick<KeyRests, 'leftMs' | 'end'>
  readonly tell: (hint: Hint) => void
  readonly settings: () => WatchSettings
}

const none: readonly string[] = []

export function createTargetWatch(name: string, ports: WatchPorts): TargetWatch {
  return new WatchedTarget(name, ports)
}

class WatchedTarget implements TargetWatch {
  readonly tracks = new Map<string, TrackWatch>()
  readonly #name: string
  readonly #ports: WatchPorts
  readonly #waits: { readonly streamed: TypicalWait; readonly whole: TypicalWait }
  /** Those of the row that it was last asked through. */
  #known: readonly Track[] = []
  #latencyMs: number | undefined

  constructor(name: string, ports: WatchPorts) {
    this.#name = name
    this.#ports = ports
    this.#waits = { streamed: createTypicalWait(ports.clock), whole: createTypicalWait(ports.clock) }
  }

  enter(target: Target, terms: EnterTerms): TargetPass {
    this.#know(tracksOf(target.provider))
    const track = this.#choose(terms.tried)
    const pass = this.#passFor(track, terms)
    terms.tried.push(track.name)
    return pass
  }

  freshTracks(target: Target, tried: readonly string[]): number {
    const all = tracksOf(target.provider)
    if (all.length < 2) return 0
    return all.filter((track) => this.#standingOf(track, tried) <= standings.doubtful).length
  }

  get signal(): TargetSignal {
    const successRate = successRateOf(this.tracks)
    return { isAvailable: this.#isAvailable(), successRate, latencyMs: this.#latencyMs }
  }

  usualWait(isStreamed: boolean): TypicalWait {
    return isStreamed ? this.#waits.streamed : this.#waits.whole
  }

  trackNamed(name: string): Track | undefined {
    return this.#known.find((track) => track.name === name)
  }

  hear({ kind, track, forMs }: Hint): void {
    if (kind === 'open') this.#watchOf(track).breaker.suspect(forMs)
    else this.#watchOf(track).rest(forMs)
  }

  #isAvailable(): boolean {
    // Known by hearsay alone: then what was heard is all there is.
    if (this.#known.length === 0) {
      return [...this.tracks.values()].every(
        ({ breaker, restsForMs }) => !breaker.isSuspected && restsForMs === 0,
      )
    }
    return this.#known.some((track) => this.#standingOf(track, none) === standings.good)
  }

  #watchOf(track: string): TrackWatch {
    const known = this.tracks.get(track)
    if (known) return known
    const { clock, chance, settings, tell, silences } = this.#ports
    const of = this.#name
    const onOpen = (forMs: number, cause: OpenCause) => {
      tell({ kind: 'open', of, track, forMs })
      silences.moveOn(watch, cause === 'silence' ? 'all' : 'silent')
    }
    const watch = createTrackWatch({ name: of + track, clock, chance, onOpen }, () => settings().breaker)
    this.tracks.set(track, watch)
    return watch
  }

  /** After a reload, tracks that are gone are forgotten. */
  #know(current: readonly Track[]): void {
    if (current === this.#known) return
    this.#known = current
    const names = new Set(current.map((track) => track.name))
    for (const known of this.tracks.keys()) if (!names.has(known)) this.tracks.delete(known)
  }

  #standingOf({ name: track, row }: Track, tried: readonly string[]): Standing {
    const watch = this.tracks.get(track)
    if (watch && !watch.breaker.isOpenToRequests) return standings.shut
    if (tried.includes(track)) return standings.tried
    const isResting = (watch && watch.restsForMs > 0) || this.#ports.keyRests.leftMs(row.name + track) > 0
    if (isResting) return standings.resting
    return watch && (watch.isEjected || watch.breaker.isSuspected) ? standings.doubtful : standings.good
  }

  #choose(tried: readonly string[]): Track {
    const [first, ...others] = this.#known
    if (!first) throw new Problem('internal_error', { detail: 'a provider has no track' })
    if (others.length === 0) return first
    const standing = this.#known.map((track) => ({
      standing: this.#standingOf(track, tried),
      weight: track.weight,
    }))
    if (standing.some((one) => one.standing !== standings.shut)) {
      return this.#known[chooseTrack(standing, this.#ports.chance.fraction())] ?? first
    }
    // All are left alone: the refusal tells of the one that is left alone the shortest.
    const waitOf = (track: Track) => this.tracks.get(track.name)?.breaker.waitMs ?? 0
    return others.reduce((shortest, track) => (waitOf(track) < waitOf(shortest) ? track : shortest), first)
  }

  #passFor(track: Track, terms: EnterTerms): TargetPass {
    const watch = this.#watchOf(track.name)
    const place = watch.breaker.enter(terms.mayMoveOn?.() === false)
    let waiting: EndOfWait | undefined
    let isMeasured = false
    let isClosed = false
    const hear = (tookMs?: number) => {
      // Words that come late are no sign that the track is not silent.
      if (waiting?.() !== 'late') place.heard()
      if (tookMs === undefined || isMeasured) return
      isMeasured = true
      this.#noteWait(watch, tookMs, terms)
    }
    return {
      row: track.row,
      sent: (stop) => {
        waiting ??= this.#awaitWords(watch, { ...terms, isTrial: place.isTrial }, stop)
      },
      began: hear,
      keyReplaced: () => this.#ports.keyRests.end(track.row.name + track.name),
      close: (ending, tookMs) => {
        if (isClosed) return
        isClosed = true
        if (ending === 'success') hear(tookMs)
        else waiting?.()
        place.leave(outcomeOf(ending))
        if (ending instanceof Problem) this.#coolDown(watch, track, ending)
        if (ending !== 'neutral') this.#ejectOutlier()
      },
    }
  }

  /** Must be ended when something has come, or nobody waits any more. */
  #awaitWords(watch: TrackWatch, terms: EnterTerms & { isTrial: boolean }, stop: StopCall): EndOfWait {
    const { clock, silences, settings } = this.#ports
    const { isStreamed, tried, mayMoveOn, inputTokens = 0 } = terms
    const sentAtMs = clock.monotonicMs()
    const { slowestMs } = this.usualWait(isStreamed)
    const silentAtMs = sentAtMs + silentAfterMs(settings().silence, slowestMs, { ...terms, inputTokens })
    const hasFreshTrack = () =>
      this.#known.some((track) => this.#standingOf(track, tried) <= standings.doubtful)
    return silences.watch({
      place: nowhere,
      of: watch,
      sentAtMs,
      silentAtMs,
      onSilent: () => {
        watch.breaker.noteSilence(sentAtMs)
        if (watch.breaker.state !== 'closed') silences.moveOn(watch, 'silent')
      },
      mayMoveOn: () => mayMoveOn !== undefined && (mayMoveOn() || hasFreshTrack()),
      stop,
    })
  }

  #noteWait(watch: TrackWatch, tookMs: number, { isStreamed, slowAfterMs }: EnterTerms): void {
    this.#latencyMs = movedAverage(this.#latencyMs, tookMs)
    watch.noteLatency(tookMs)
    this.usualWait(isStreamed).note(tookMs)
    if (isStreamed) watch.breaker.noteFirstToken(tookMs > slowAfterMs)
  }

  #coolDown(watch: TrackWatch, track: Track, problem: Problem): void {
    const { settings, tell } = this.#ports
    const rest = coolDownAfter(problem, settings().coolDown)
    if (!rest) return
    const isKey = rest.kind === 'key-rest'
    if (!isKey) watch.rest(rest.forMs)
    tell({ ...rest, of: isKey ? track.row.name : this.#name, track: track.name })
  }

  #ejectOutlier(): void {
    if (this.#known.length < 2) return
    const { ejection } = this.#ports.settings()
    const farings = this.#known.map((track) => {
      const watch = this.tracks.get(track.name)
      const isOut = watch !== undefined && (watch.isEjected || watch.breaker.state !== 'closed')
      return { counted: watch?.breaker.window.counted ?? 0, successRate: watch?.breaker.successRate, isOut }
    })
    const outlier = this.#known[outlierAmong(farings, ejection) ?? -1]
    if (outlier) this.#watchOf(outlier.name).eject(ejection.ejectMs)
  }
}

function outcomeOf(ending: PassEnding): Outcome {
  if (!(ending instanceof Problem)) return ending
  if (!classOf(ending).counts) return 'neutral'
  return isUnconnected(ending) ? 'unreachable' : 'failure'
}
