/** A run of many cells, one after another on one stage, and what it came to. */
import { cellsOf, tryCell } from '#tests/clients/cell.ts'
import type { Cell, Outcome } from '#tests/clients/cell.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { features } from '#tests/clients/features.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

export interface TriedCell {
  readonly cell: Cell
  readonly outcome: Outcome
}

export interface FaultyCell {
  readonly cell: Cell
  readonly fault: Error
}

export interface MatrixRun {
  readonly tried: readonly TriedCell[]
  readonly faults: readonly FaultyCell[]
}

/** Never rejects for a cell that fails: every fault is in the result. */
export async function runMatrix(stage: ClientStage, drivers: readonly ClientDriver[]): Promise<MatrixRun> {
  const tried: TriedCell[] = []
  const faults: FaultyCell[] = []
  for (const cell of drivers.flatMap(cellsOf)) {
    try {
      tried.push({ cell, outcome: await tryCell(stage, cell) })
    } catch (thrown) {
      faults.push({ cell, fault: thrown instanceof Error ? thrown : new Error(String(thrown)) })
    }
  }
  return { tried, faults }
}

const faultTextMax = Number(process.env['FAULT_TEXT'] ?? 700)

export const cellTitle = ({ driver, feature, target }: Cell): string =>
  [
    driver.title,
    features[feature].title,
    ...(features[feature].scope === 'gateway' ? [] : [target.title]),
  ].join(' | ')

export function printRun({ tried, faults }: MatrixRun): void {
  for (const { cell, fault } of faults) {
    console.log(
      `FAULT ${cellTitle(cell)}\n      ${fault.message.replaceAll('\n', '\n      ').slice(0, faultTextMax)}`,
    )
  }
  const counts = new Map<string, number>()
  for (const { outcome } of tried) counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1)
  const found = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
  console.log(`${tried.length + faults.length} cells: ${found}, ${faults.length} faults`)
}
