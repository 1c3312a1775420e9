/** `signalbox reconcile`: what it prints, and how it ends. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runReconcileCommand } from '#cli/reconcile-command.ts'
import { toNanoUsd } from '#core/domain/money.ts'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteJournal } from '#stores/sqlite/journal.ts'
import { rowOf } from '#tests/contracts/charges-contract.ts'

test('it ends with 0 when all agrees and with 1 when anything differs, and says what', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-reconcile-'))
  try {
    const config = join(folder, 'config.yaml')
    writeFileSync(config, `storage: {data_dir: ${JSON.stringify(folder)}}\n`)
    const database = openDatabase({ file: join(folder, 'signalbox.db') })
    const journal = createSqliteJournal(database)
    const cost = { costNanoUsd: toNanoUsd(9), providerCostNanoUsd: toNanoUsd(450_000) }
    const model = { provider: 'cohere', model: 'command-a-03-2025', isSimulated: false }
    await journal.append([
      rowOf('r1', {
        ...model,
        ...cost,
        inputTokens: 100,
        outputTokens: 20,
        startedAtMs: Date.UTC(2026, 10, 1, 23),
      }),
    ])
    await journal.close()
    database.close()
    const file = join(folder, 'export.csv')
    const run = (line: string, more: Readonly<Record<string, string>> = {}) => {
      writeFileSync(file, `date,model,requests,input_tokens,output_tokens,cost_usd\n${line}\n`)
      const period = { from: '2026-11-01', to: '2026-12-01' }
      return runReconcileCommand([], { config, provider: 'cohere', file, ...period, ...more })
    }
    const agreed = await run('2026-11-01,command-a-03-2025,1,100,20,0.00045')
    assert.equal(agreed.exitCode, 0)
    assert.match(
      agreed.text,
      /1 pairs of day and model compared; 0 differences\.\nHere \$0\.00045, there \$0\.00045/,
    )
    const apart = await run('2026-11-01,command-a-03-2025,1,100,20,0.00046', { format: 'csv' })
    assert.equal(apart.exitCode, 1)
    assert.match(apart.text, /differs,2026-11-01,command-a-03-2025,1,100,20,0\.00045,1,100,20,0\.00046/)
    assert.equal((await run('2026-11-01,command-a-03-2025,1,100,20,0.00046', { tolerance: '5' })).exitCode, 0)
    for (const wrong of [
      { provider: 'acme' },
      { tolerance: 'much' },
      { file: join(folder, 'none') },
      { to: '2026-11-02T01:00:00Z' },
    ])
      await assert.rejects(run('2026-11-01,m,1,1,1,1', wrong), { code: 'invalid_value' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
