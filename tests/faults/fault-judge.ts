/** Whether what became of a case is what should have: as its caller sees it, and as the books have it. */
import { grammarOf } from '#tests/support/stream-grammar/check-grammar.ts'
import { bareTextDoor } from '#tests/faults/fault-doors.ts'
import { expectationOfCase, understand } from '#tests/faults/fault-case.ts'
import type { FaultCase, Shown, Understood } from '#tests/faults/fault-case.ts'
import type { Outcome } from '#tests/faults/fault-mode.ts'
import { fallbackWords, targetWords } from '#tests/faults/fault-stage.ts'
import type { KeptRow } from '#tests/journeys/records.ts'

/**
 * - `passed`: the caller has the target's whole answer.
 * - `rescued`: the caller has a whole answer by somebody else.
 * - `refused`: told before anything was shown.
 * - `broken`: told after a part was shown.
 * - `shown as success`: anything else that a caller takes for a whole answer.
 * - `unclear`: neither an answer nor a failure that the API knows.
 */
export type Became = 'passed' | 'rescued' | 'refused' | 'broken' | 'shown as success' | 'unclear'

const targetText = targetWords.join('')
const fallbackText = fallbackWords.join('')
const firstHalf = targetWords.slice(0, 2).join('')

export function becameOf({ as, words }: Understood): Became {
  if (as === 'refusal') return 'refused'
  if (as === 'break') return 'broken'
  if (as === 'open') return 'unclear'
  if (words === targetText) return 'passed'
  return isGoneOn(words) ? 'rescued' : 'shown as success'
}

/** Said by the fallback alone, or gone on with by it where the target broke off. */
const isGoneOn = (words: string): boolean =>
  words.endsWith(fallbackText) && targetText.startsWith(words.slice(0, -fallbackText.length).trimEnd())

const expected: Readonly<Record<Outcome, readonly [alone: Became, armed: Became]>> = {
  passes: ['passed', 'passed'],
  spared: ['passed', 'passed'],
  fails: ['refused', 'rescued'],
  refused: ['refused', 'refused'],
  breaks: ['broken', 'broken'],
}

/** What is wrong with what the caller was shown. */
export function judgeShown(one: FaultCase, shown: Shown): { became: Became; findings: readonly string[] } {
  const understood = understand(one, shown)
  const became = becameOf(understood)
  const wanted = expected[expectationOfCase(one).outcome][one.isArmed ? 1 : 0]
  const findings: string[] = []
  if (became !== wanted)
    findings.push(`${became}, not ${wanted}: ${shown.status} ${shown.text.slice(0, 600)}`)
  if (became === 'broken' && !isPart(understood.words))
    findings.push(`words that nobody said: ${understood.words}`)
  return { became, findings: [...findings, ...grammarFindings(one, shown, became)] }
}

/** What was shown of a broken answer is its beginning, however far it went on. */
const isPart = (words: string): boolean => targetText.startsWith(words) || words.startsWith(firstHalf)

function grammarFindings(one: FaultCase, { status, text }: Shown, became: Became): readonly string[] {
  const { door, dialect, mode } = one
  if (status !== 200 || door.kind !== 'stream' || door.dialect === undefined) return []
  if (door.name === bareTextDoor || door.name.endsWith('(array)')) return []
  // Bytes of the caller's own dialect are handed on as they came, with the oddities that they came with.
  const isOdd = mode.isOddGrammar || mode.phase === 'harmless' || mode.phase === 'at the end'
  if (isOdd && door.dialect === dialect) return []
  const faults = grammarOf[door.dialect](text, became === 'broken' ? 'broken' : 'whole')
  return faults.length === 0 ? [] : [`not this API's grammar: ${[...new Set(faults)].slice(0, 3).join('; ')}`]
}

/** What is wrong with a case's rows: one for each attempt, one that ends the request, each with its right reason. */
export function judgeRows(one: FaultCase, became: Became, rows: readonly KeptRow[]): readonly string[] {
  const { codes, outcome } = expectationOfCase(one)
  const hasSecondAttempt = became === 'rescued' || outcome === 'spared'
  const failed = rows.filter(({ kind }) => kind === 'failed')
  const endings = rows.filter(({ kind }) => kind !== 'failed')
  const findings: string[] = []
  const require = (isRight: boolean, sentence: string) => {
    if (!isRight) findings.push(`${sentence}: ${JSON.stringify(rows.map(briefly))}`)
  }
  const [ending] = endings
  require(endings.length === 1, 'the request has not one end')
  const attempts = new Set(rows.filter(({ attempt }) => attempt > 0).map(({ attempt }) => attempt))
  require(attempts.size === (hasSecondAttempt ? 2 : 1), 'not one row for each attempt')
  const reasons = became === 'broken' ? [ending?.problem] : failed.map(({ problem }) => problem)
  require(reasons.every((reason) =>
    codes.some((code) => code === reason),
  ), `told otherwise than as ${codes.join(' or ')}`)
  require(failed.length === (hasSecondAttempt || became === 'refused' ? 1 : 0), 'failed attempts')
  require(failed.every(({ cost_nano_usd: cost }) => cost === 0), 'a failed attempt was billed')
  require(ending?.kind === (became === 'refused' ? 'refused' : 'charge'), 'the wrong end')
  return findings
}

const briefly = ({ kind, attempt, problem, status, provider }: KeptRow) => [
  kind,
  attempt,
  problem,
  status,
  provider,
]
