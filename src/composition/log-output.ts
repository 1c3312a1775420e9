/** Standard output as the log uses it: nobody waits for its reader, what waits for it is bounded, and a failure ends nothing. */
import { fstatSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LogOutput {
  /** Takes the text, or drops it while its reader is too far behind or it cannot be written. */
  write(text: string): void
  /** Resolves when all that was taken is written, or after this long. */
  settle(withinMs: number): Promise<void>
}

/** What is needed of `process.stdout`. */
export interface PipedStream {
  readonly writableLength: number
  readonly writable: boolean
  write(text: string, written?: () => void): boolean
  on(event: 'error', listener: () => void): unknown
}

/** The output of this process. `waitingBytesMax` bounds what waits for the reader of a pipe. */
export function openLogOutput(waitingBytesMax: number): LogOutput {
  const standardOutput = 1
  const kind = fstatSync(standardOutput)
  if (kind.isFIFO() || kind.isSocket()) return createPipedOutput(process.stdout, waitingBytesMax)
  return countingDrops((text) => {
    try {
      writeSync(standardOutput, text)
      return true
    } catch {
      return false
    }
  })
}

/** Node writes to a pipe what it takes at once and keeps the rest, without a bound of its own. */
export function createPipedOutput(stream: PipedStream, waitingBytesMax: number): LogOutput {
  // Whoever read it has gone: it is not writable any more, which is seen at the next line.
  stream.on('error', () => undefined)
  const output = countingDrops((text) => {
    if (!stream.writable || stream.writableLength > waitingBytesMax) return false
    stream.write(text)
    return true
  })
  return {
    write: (text) => output.write(text),
    async settle(withinMs) {
      if (!stream.writable || stream.writableLength === 0) return
      const written = new Promise<void>((resolve) => {
        stream.write('', resolve)
      })
      await Promise.race([written, sleep(withinMs, undefined, { ref: false })])
    },
  }
}

/** `put` says whether it took the text. The first line after a gap tells how many are missing. */
function countingDrops(put: (text: string) => boolean): LogOutput {
  let dropped = 0
  return {
    write(text) {
      if (dropped > 0 && put(gapLine(dropped))) dropped = 0
      if (dropped > 0 || !put(text)) dropped += 1
    },
    settle: () => Promise.resolve(),
  }
}

const warnLevel = 40

const gapLine = (dropped: number): string =>
  `${JSON.stringify({
    level: warnLevel,
    dropped,
    msg: 'lines of the log are missing here: standard output was not read, or could not be written',
  })}\n`
