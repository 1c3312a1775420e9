/** A house whose operator thinks in another currency: amounts are shown in both, and limits may be stated in it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHouse } from '#tests/support/running-house.ts'

const adminKey = 'operator-key-of-this-test-0123456789abcdef'
const yaml = `
simulation: {enabled: true, first_token_ms: 0, tokens_per_second: 100000}
cache: {enabled: false}
budget: {currency: eur, currency_per_usd: "0.5", limits: [{scope: everyone, window: total, limit: "40 EUR"}]}
`

test('headers, answers and reports state the amount in both currencies, and the limit is what it says', async () => {
  const house = await startHouse({ yaml, environment: { ADMIN_API_KEY: adminKey } })
  try {
    const admin = { authorization: `Bearer ${adminKey}` }
    const response = await house.post('/v1/generate', { prompt: 'Hello', model: 'gpt-5.4' }, admin)
    assert.equal(response.status, 200)
    await response.arrayBuffer()
    const usd = Number(response.headers.get('x-signalbox-cost-usd'))
    const [amount, code] = (response.headers.get('x-signalbox-cost-in-currency') ?? '').split(' ')
    assert.ok(usd > 0)
    assert.equal(code, 'EUR')
    assert.ok(Math.abs(Number(amount) - usd / 2) < 1e-9)

    const totals = (await (await house.get('/admin/v1/usage', admin)).json()) as Record<string, unknown>
    assert.deepEqual(totals['currency'], { code: 'EUR', per_usd: '0.5' })
    assert.equal(totals['cost_in_currency'], amount)
    const csv = await (await house.get('/admin/v1/reports/usage?format=csv', admin)).text()
    assert.match(csv, new RegExp(`,currency,cost_in_currency\\r\\n.*,EUR,${String(amount)}\\r\\n`))
    const budgets = await (await house.get('/admin/v1/budgets', admin)).text()
    assert.match(budgets, /"limit_usd":"80"/)
  } finally {
    await house.close()
  }
})
