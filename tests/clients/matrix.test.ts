/** Real clients, over real sockets, through every door to every provider: one test for each cell of the page. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { absence, cellsOf, tryCell } from '#tests/clients/cell.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { clients } from '#tests/clients/clients.ts'
import { features } from '#tests/clients/features.ts'
import { installedPackages } from '#tests/clients/installed-packages.ts'
import { readPage, sectionIn, sectionOf } from '#tests/clients/page.ts'
import type { TriedCell } from '#tests/clients/run-matrix.ts'

const tried: TriedCell[] = []

/** Cells without a test were put down first. */
const inOrder = (cells: readonly TriedCell[]): readonly TriedCell[] =>
  clients.flatMap((driver) => cells.filter(({ cell }) => cell.driver === driver))

let stage: ClientStage
before(async () => {
  stage = await openClientStage()
})
after(() => stage.close())

for (const driver of clients) {
  describe(driver.title, () => {
    for (const cell of cellsOf(driver)) {
      const absent = absence(cell)
      if (absent) {
        tried.push({ cell, outcome: absent })
        continue
      }
      const { title, scope } = features[cell.feature]
      it(scope === 'gateway' ? title : `${title}: ${cell.target.title}`, async () => {
        tried.push({ cell, outcome: await tryCell(stage, cell) })
      })
    }
  })
}

describe('docs/reference/compatibility.md', () => {
  it('says what this run found', () => {
    const found = sectionOf('javascript', { tried: inOrder(tried), faults: [] }, installedPackages)
    assert.ok(sectionIn(readPage() ?? '', 'javascript') === found, 'it is stale: npm run clients -- --write')
  })
})
