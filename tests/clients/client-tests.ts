/** One test for each cell of a client, and one that the page says what they found. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { absence, cellsOf, tryCell } from '#tests/clients/cell.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { features } from '#tests/clients/features.ts'
import { installedPackages } from '#tests/clients/installed-packages.ts'
import { readPage, saysTheSame, sectionIn } from '#tests/clients/page.ts'
import type { TriedCell } from '#tests/clients/run-matrix.ts'
import type { ClientDriver } from '#tests/clients/task.ts'

/** Describes every client, all on one stage. */
export function describeClients(drivers: readonly ClientDriver[]): void {
  let stage: ClientStage
  before(async () => {
    stage = await openClientStage()
  })
  after(() => stage.close())
  for (const driver of drivers) describe(driver.title, () => describeClient(driver, () => stage))
}

function describeClient(driver: ClientDriver, stage: () => ClientStage): void {
  const tried: TriedCell[] = []
  for (const cell of cellsOf(driver)) {
    const absent = absence(cell)
    if (absent) {
      tried.push({ cell, outcome: absent })
      continue
    }
    const { title, scope } = features[cell.feature]
    it(scope === 'gateway' ? title : `${title}: ${cell.target.title}`, async () => {
      tried.push({ cell, outcome: await tryCell(stage(), cell) })
    })
  }
  it('docs/reference/compatibility.md says so', () => {
    const section = sectionIn(readPage() ?? '', 'javascript') ?? ''
    const isFresh = saysTheSame(section, { driver, tried }, installedPackages)
    assert.ok(isFresh, 'it is stale: npm run clients -- --write')
  })
}
