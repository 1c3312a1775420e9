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
    assert.match(budgets, /"limit_usd":"80",.*"limit_in_currency":"40 EUR"/)

    const budget = { scope: 'tenant', subject: 'acme', window: 'day' }
    const set = async (amount: object) => {
      const answer = await house.post('/admin/v1/budgets', { ...budget, ...amount }, admin)
      return { status: answer.status, text: await answer.text() }
    }
    for (const [amount, says] of [
      [{}, /limit_usd is missing/],
      [{ limit: '5 EUR', limit_usd: 5 }, /"param":"limit"/],
      [{ limit: '5 GBP' }, /or of EUR like/],
      [{ limit_usd: '5 EUR' }, /"param":"limit_usd"/],
    ] as const) {
      const { status, text } = await set(amount)
      assert.equal(status, 400)
      assert.match(text, says)
    }
    const made = await set({ limit: '5 EUR' })
    assert.equal(made.status, 201, made.text)
    assert.match(made.text, /"limit_usd":"10",.*"limit_in_currency":"5 EUR"/)
    assert.match(made.text, /"spent_in_currency":"0 EUR","held_in_currency":"0 EUR"/)
  } finally {
    await house.close()
  }
})
