/** The seam between an answer that broke off and the one that goes on with it: what is told twice is left out. */
import type { Writable } from '#core/domain/writable.ts'

export interface SeamWish {
  /** What the reader has seen. */
  readonly shown: string
  /**
   * The words that the model was asked to begin with: an answer that repeats nothing of the end is no continuation
   * then. Undefined for a model that goes on by itself, and may repeat the end or not.
   */
  readonly anchor: string | undefined
  /** How many characters a repetition has at most. */
  readonly overlapMost: number
  /** The caller's stop sequences, one of which may begin in what was shown. */
  readonly stopSequences: readonly string[]
}

export interface Seam {
  /** The part of the text that is new, which may come later than the text itself. */
  push(text: string): string
  /** What is left when the answer is complete. */
  end(): string
  /** A stop sequence stands across the seam: the answer ended where it begins, and nothing more is said. */
  readonly stoppedBy: string | undefined
  /** The answer did not begin as it was asked to. Nothing of it was given out. */
  readonly isRefused: boolean
  /** Whatever comes from here on is new. */
  readonly isPassed: boolean
}

/** Shorter repetitions than this are taken for what the answer really says. */
export const overlapLeast = 12
/** A whole answer of this length is known when it is told again. */
const wholeLeast = 4
/** An answer told again from its beginning is followed up to this length. */
const retoldMost = 100_000
const anchorLength = 80

/** The last words of what was shown, for a model to begin with; they begin at a word. */
export function anchorOf(shown: string): string {
  const text = shown.trimEnd()
  if (text.length <= anchorLength) return text.trimStart()
  const tail = text.slice(-anchorLength)
  const space = tail.search(/\s/)
  // A long run without white space has no words; half of a pair is no character.
  const from = space < 0 || space > anchorLength - overlapLeast ? Number(isLowSurrogate(tail, 0)) : space
  return tail.slice(from).trimStart()
}

export function createSeam({ shown, anchor, overlapMost, stopSequences }: SeamWish): Seam {
  const base = shown.trimEnd()
  const repeated = repetitionsOf(base, overlapMost)
  if (anchor !== undefined && !repeated.includes(anchor)) repeated.push(anchor)
  const stops = createStopWatch(shown, stopSequences)
  let held = ''
  /** White space that was shown last and may come again. */
  let gap = shown.slice(base.length)
  let isDecided = false

  const decide = (isEnd: boolean): string => {
    // A model that was asked to begin with certain words may begin with white space before them.
    const text = anchor === undefined ? held : held.trimStart()
    if (!isEnd && repeated.some((one) => one.length > text.length && one.startsWith(text))) return ''
    isDecided = true
    const told = repeated.find((one) => text.startsWith(one))
    held = ''
    if (told !== undefined) return text.slice(told.length)
    seam.isRefused = anchor !== undefined
    return seam.isRefused ? '' : text
  }
  const withoutGap = (text: string): string => {
    let same = 0
    while (same < gap.length && same < text.length && gap[same] === text[same]) same++
    gap = same === text.length ? gap.slice(same) : ''
    return text.slice(same)
  }
  const give = (text: string, isEnd: boolean): string => {
    if (seam.isRefused) return ''
    let rest = text
    if (!isDecided) {
      held += text
      rest = decide(isEnd)
      if (!isDecided) return ''
    }
    const given = stops.pass(gap === '' ? rest : withoutGap(rest), isEnd)
    seam.stoppedBy = stops.stoppedBy
    seam.isPassed = !seam.isRefused && gap === '' && stops.isPassed
    return given
  }

  const seam: Writable<Seam> = {
    push: (text) => give(text, false),
    end: () => give('', true),
    stoppedBy: undefined,
    isRefused: false,
    isPassed: false,
  }
  return seam
}

/** Everything that a model may repeat, the longest first: the whole, or an end that surely is a repetition. */
function repetitionsOf(base: string, most: number): string[] {
  const found: string[] = []
  const whole = base.trimStart()
  if (whole.length >= wholeLeast && whole.length <= retoldMost) found.push(whole)
  for (let length = Math.min(most, base.length - 1); length >= overlapLeast; length--) {
    const end = base.slice(-length)
    if (isTelling(end, base)) found.push(end)
  }
  return found
}

/**
 * An end that an honest continuation does not begin with: it has words, not only figures, lines or blanks, and does
 * not itself repeat what stands before it, as a refrain does.
 */
function isTelling(end: string, base: string): boolean {
  if (base.endsWith(end + end)) return false
  return /\p{L}[^\p{L}]+\p{L}/u.test(end) || /\p{L}{8}/u.test(end)
}

interface StopWatch {
  pass(text: string, isEnd: boolean): string
  readonly stoppedBy: string | undefined
  readonly isPassed: boolean
}

/** Watches for a stop sequence that begins in what was shown: no provider saw it whole. */
function createStopWatch(shown: string, stopSequences: readonly string[]): StopWatch {
  const longest = Math.max(0, ...stopSequences.map((stop) => stop.length))
  const before = longest > 1 ? shown.slice(-(longest - 1)) : ''
  let released = ''
  let waiting = ''

  const watch: Writable<StopWatch> = {
    stoppedBy: undefined,
    isPassed: before === '',
    pass(text, isEnd) {
      if (watch.stoppedBy !== undefined) return ''
      if (watch.isPassed) return text
      waiting += text
      const joined = before + released + waiting
      const begun = begunStop(joined, before.length, stopSequences)
      if (begun?.isWhole) {
        watch.stoppedBy = begun.stop
        waiting = ''
        return ''
      }
      if (begun && !isEnd) return ''
      const given = waiting
      released += given
      waiting = ''
      watch.isPassed = released.length >= longest
      return given
    },
  }
  return watch
}

/** The first stop sequence that begins before `within`, goes on past it, and stands there whole or as far as the text goes. */
function begunStop(
  text: string,
  within: number,
  stops: readonly string[],
): { readonly stop: string; readonly isWhole: boolean } | undefined {
  for (let at = 0; at < within; at++) {
    for (const stop of stops) {
      if (at + stop.length <= within) continue
      if (text.startsWith(stop, at)) return { stop, isWhole: true }
      if (stop.startsWith(text.slice(at))) return { stop, isWhole: false }
    }
  }
  return undefined
}

const isLowSurrogate = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xdc00
