/** Real clients, over real sockets, through every door to every provider: one test for each cell of the page. */
import { after, before, describe, it } from 'node:test'
import { absence, cellsOf, tryCell } from '#tests/clients/cell.ts'
import { openClientStage } from '#tests/clients/client-stage.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { clients } from '#tests/clients/clients.ts'
import { features } from '#tests/clients/features.ts'

let stage: ClientStage
before(async () => {
  stage = await openClientStage()
})
after(() => stage.close())

for (const driver of clients) {
  describe(driver.title, () => {
    for (const cell of cellsOf(driver)) {
      if (absence(cell)) continue
      const { title, scope } = features[cell.feature]
      it(scope === 'gateway' ? title : `${title}: ${cell.target.title}`, async () => {
        await tryCell(stage, cell)
      })
    }
  })
}
