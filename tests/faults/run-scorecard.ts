/**
 * Runs every fault and every outage, and says what became of them.
 *
 *   npm run scorecard                 the covering cases, and the outages
 *   npm run scorecard -- --full       every fault at every dialect through every door, with a fallback and without
 *   npm run scorecard -- --faults     the faults alone; `--outages` the outages alone
 *   npm run scorecard -- --write      writes what was found into docs/reference/resilience.md
 */
import { coveringCases, everyCase } from '#tests/faults/fault-plan.ts'
import { caseName } from '#tests/faults/fault-case.ts'
import { asDelivered, deliveredSettings } from '#tests/faults/delivered-judge.ts'
import { tour } from '#tests/faults/fault-tour.ts'
import type { CaseResult } from '#tests/faults/fault-run.ts'
import { faultTable } from '#tests/faults/fault-words.ts'
import { outageLengthsMs, runOutage, togetherOf } from '#tests/faults/outage.ts'
import type { OutageReport } from '#tests/faults/outage.ts'
import { outageNamed, outages } from '#tests/faults/outages.ts'
import { writeSection } from '#tests/faults/resilience-page.ts'
import { outageTable, tourTable } from '#tests/faults/scorecard.ts'

const words = process.argv.slice(2)
const isFull = words.includes('--full')
const isWriting = words.includes('--write')
const say = (line: string) => process.stdout.write(`${line}\n`)

const hasFaults = !words.includes('--outages')
const hasOutages = !words.includes('--faults')

/** Whether everything was as it should be. */
async function scoreFaults(): Promise<boolean> {
  const cases = isFull ? everyCase() : coveringCases()
  let told = 0
  const tellNew = (soFar: readonly CaseResult[]) => {
    for (const { one, findings } of soFar.slice(told)) {
      for (const finding of findings) say(`${caseName(one)}: ${finding}`)
    }
    told = soFar.length
    say(`${told} of ${cases.length} cases`)
  }
  const results = await tour(cases, tellNew, { settings: deliveredSettings, judge: asDelivered })
  const scores = tourTable({ results, command: `npm run scorecard${isFull ? ' -- --full' : ''}` })
  say(scores)
  const isSound = results.every(({ findings }) => findings.length === 0)
  if (isSound && isWriting) {
    writeSection('faults', faultTable())
    writeSection('scores', scores)
  }
  return isSound
}

async function scoreOutages(): Promise<boolean> {
  const reports: OutageReport[] = []
  for (const { name } of outages()) {
    const ofThisKind: OutageReport[] = []
    for (const lastsMs of outageLengthsMs) ofThisKind.push(await runOutage(outageNamed(name), lastsMs))
    reports.push(togetherOf(ofThisKind))
    say(`outage: ${name}`)
  }
  const table = outageTable(reports)
  say(table)
  const isSound = reports.every(({ failures }) => failures === 0)
  if (isSound && isWriting) writeSection('outages', table)
  return isSound
}

const areFaultsSound = !hasFaults || (await scoreFaults())
const areOutagesSound = !hasOutages || (await scoreOutages())
if (!areFaultsSound || !areOutagesSound) process.exitCode = 1
