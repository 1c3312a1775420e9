/** The configuration while the program runs: read again when its files change, swapped whole or not at all. */
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Config, ConfigSource } from '#config/config.ts'
import { loadConfig } from '#config/load.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { Problem } from '#core/domain/problem.ts'

export type ReloadReport =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'applied'
      /** Settings whose new value only a new start brings. */
      readonly waitingForRestart: readonly string[]
      /** What listeners threw; the new configuration holds all the same. */
      readonly problems: readonly Problem[]
    }
  /** Everything stays as it was. */
  | { readonly kind: 'refused'; readonly problem: Problem }

export interface ConfigKeeper {
  current(): Config
  /** Reads now (SIGHUP, the admin API) and says what came of it; never throws. */
  reload(): ReloadReport
  /** The listener hears of every swap, after it. Returns the way to stop listening. */
  subscribe(listener: Listener): () => void
  /** Stops watching. */
  close(): void
}

type Listener = (next: Config, previous: Config) => void

export interface KeeperOptions {
  readonly source: ConfigSource
  readonly initial: Config
  /** A last look at the new configuration before it is swapped in; throws to refuse it. */
  readonly check?: ((next: Config) => void) | undefined
  /** Hears what came of each reload that a changed file caused. */
  readonly report: (report: ReloadReport) => void
  /** Calls back when something in a folder changes; returns the way to stop. Left out: the disk is watched. */
  readonly watchFolder?: WatchFolder | undefined
  /** Editors and Kubernetes write a file in several steps; reading waits this long for the last one. */
  readonly settleMs?: number | undefined
}

export type WatchFolder = (folder: string, onChange: () => void) => () => void

const usualSettleMs = 200

/** Begins to watch the files of the initial configuration. Without a file there is nothing to watch. */
export function keepConfig(options: KeeperOptions): ConfigKeeper {
  let current = options.initial
  let seen = contentOf(current, options.source)
  const listeners = new Set<Listener>()

  const reload = (): ReloadReport => {
    try {
      const next = loadConfig(
        { ...options.source, file: current.file ?? options.source.file },
        options.initial,
      )
      options.check?.(next)
      const content = contentOf(next, options.source)
      if (content === seen) return { kind: 'unchanged' }
      const previous = current
      current = next
      seen = content
      const problems = tell(listeners, next, previous)
      return { kind: 'applied', waitingForRestart: next.waitingForRestart, problems }
    } catch (error) {
      return { kind: 'refused', problem: toProblem(error) }
    }
  }

  const stopWatching = watchFiles(options, filesOf(current), () => {
    const report = reload()
    if (report.kind !== 'unchanged') options.report(report)
  })
  return {
    current: () => current,
    reload,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: stopWatching,
  }
}

/** Tells every listener, whatever another one throws. */
function tell(listeners: ReadonlySet<Listener>, next: Config, previous: Config): Problem[] {
  const problems: Problem[] = []
  for (const listener of listeners) {
    try {
      listener(next, previous)
    } catch (error) {
      problems.push(toProblem(error))
    }
  }
  return problems
}

function filesOf(config: Config): string[] {
  return [config.file, config.catalog.file, config.catalog.overridesFile].filter((file) => file !== undefined)
}

/** The text of all files together: an event without a new text changes nothing. */
function contentOf(config: Config, source: ConfigSource): string {
  return JSON.stringify(filesOf(config).map((file) => [file, source.readFile(file)]))
}

/** Watches folders, not files: editors and Kubernetes put a new file in the old one's place. */
function watchFiles(options: KeeperOptions, files: readonly string[], onChange: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, options.settleMs ?? usualSettleMs)
    timer.unref()
  }
  const watchFolder = options.watchFolder ?? watchOnDisk
  const stops = [...new Set(files.map((file) => dirname(file)))].map((folder) => watchFolder(folder, wait))
  return () => {
    clearTimeout(timer)
    for (const stop of stops) stop()
  }
}

const ignored = /^\.|~$|\.sw[a-z]$/

function watchOnDisk(folder: string, onChange: () => void): () => void {
  const watcher = watch(folder, { persistent: false }, (_event, name) => {
    // `..data` is the link that Kubernetes swaps.
    if (name === null || name === '..data' || !ignored.test(basename(name))) onChange()
  })
  // A folder that goes away ends the watching; SIGHUP still reads the file again.
  watcher.on('error', () => watcher.close())
  return () => watcher.close()
}
