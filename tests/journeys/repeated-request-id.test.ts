/** A caller who repeats a request id: every request is held, charged and written down by itself. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { askingOf, openStage, recordingsOf } from '#tests/journeys/provider-stage.ts'
import type { ProviderStage } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { readRecords } from '#tests/journeys/records.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { readFileBooks } from '#tests/money/money-books.ts'

const asking = askingOf('openai-chat')

let stage: ProviderStage
before(async () => {
  stage = await openStage()
})
after(async () => stage.close())

test('twenty at once under one id are twenty bills', async () => {
  const recording = recordingsOf(asking).find(
    ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.usage,
  )
  assert.ok(recording)
  stage.play(recording)
  const ask = async () => {
    const question = { prompt: 'Hello', model: asking.model, max_tokens: 100 }
    const response = await stage.house.post('/v1/generate', question, { 'x-request-id': 'again' })
    assert.equal(response.status, 200)
    await response.arrayBuffer()
    return Math.round(Number(response.headers.get('x-signalbox-cost-usd')) * 1e9)
  }
  const costs = await Promise.all(Array.from({ length: 20 }, ask))
  const spent = costs.reduce((sum, cost) => sum + cost, 0)
  assert.ok(spent > 0)
  await eventually(() => {
    const { rows, heldNanoUsd, spentNanoUsd } = readRecords(stage.house.dataDir)
    const charged = rows.filter(({ kind }) => kind === 'charge')
    assert.equal(charged.length, 20)
    assert.equal(
      charged.reduce((sum, row) => sum + row.cost_nano_usd, 0),
      spent,
    )
    assert.equal(spentNanoUsd.get('tenant:default'), spent)
    assert.equal(heldNanoUsd.size, 0)
    const bills = costs.map((costNanoUsd) => ({ mark: 'again', costNanoUsd }))
    assert.equal(assertMoney(readFileBooks(stage.house.dataDir), { bills }).exact, 20)
  })
})
