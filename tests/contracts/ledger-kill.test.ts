/** What is left of the money when the process is killed in the middle of everything. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '#stores/sqlite/database.ts'
import { createSqliteLedger } from '#stores/sqlite/ledger.ts'

interface Said {
  readonly amount: number
  readonly spent: number
  state: 'asked' | 'held' | 'settled'
}

/** Runs the victim until it has said so many lines, kills it, and returns what it said of each hold. */
async function killAfter(file: string, prefix: string, lines: number): Promise<Map<string, Said>> {
  const script = join(import.meta.dirname, 'ledger-victim.ts')
  const victim = spawn(process.execPath, [script, file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  victim.stdout.setEncoding('utf8')
  for await (const piece of victim.stdout) {
    text += String(piece)
    if (!victim.killed && text.split('\n').length > lines) victim.kill('SIGKILL')
  }
  assert.equal(victim.signalCode ?? 'SIGKILL', 'SIGKILL')
  const holds = new Map<string, Said>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [word, id = '', amount, spent] = line.split(' ')
    if (word === 'asked') holds.set(id, { amount: Number(amount), spent: Number(spent), state: 'asked' })
    const hold = holds.get(id)
    if (hold && (word === 'held' || word === 'settled')) hold.state = word
  }
  return holds
}

test('a process killed with SIGKILL loses nothing that it held or settled, and leaves no hold behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-ledger-'))
  const file = join(folder, 'signalbox.db')
  try {
    const all = new Map<string, Said>()
    for (const [round, lines] of [120, 700, 1_500].entries()) {
      for (const [id, said] of await killAfter(file, `r${round}-`, lines)) all.set(id, said)
    }
    const states = [...all.values()].map(({ state }) => state)
    assert.ok(states.includes('settled') && states.includes('held'))

    const database = openDatabase({ file })
    const ledger = createSqliteLedger(database)
    let sum = 0
    for (const [id, { amount, spent, state }] of all) {
      const [balance] = ledger.balances([{ scope: `hold:${id}`, window: '2026-11' }])
      assert.ok(balance)
      assert.equal(balance.reserved, 0)
      sum += balance.settled
      if (state === 'settled') assert.equal(balance.settled, spent, id)
      else if (state === 'held')
        assert.ok([spent, amount].includes(balance.settled), `${id}: ${balance.settled}`)
      else assert.ok([0, spent, amount].includes(balance.settled), `${id}: ${balance.settled}`)
      assert.equal(balance.estimated, balance.settled === amount ? amount : 0)
    }
    const [tenant] = ledger.balances([{ scope: 'tenant:a', window: '2026-11' }])
    assert.deepEqual([tenant?.settled, tenant?.reserved], [sum, 0])
    ledger.close()
    database.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
