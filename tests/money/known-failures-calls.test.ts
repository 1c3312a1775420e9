/** Ways in which gateways are known to let calls past a budget, or to keep calls from one. Each names its public report. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { highestCost } from '#core/domain/model-card.ts'
import { adminKey, bearer, makeKey } from '#tests/journeys/key-ring.ts'
import { askingOf, expectedCost, recordingsOf } from '#tests/journeys/provider-stage.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertMoney } from '#tests/money/ledger-check.ts'
import { markedPrompt, openMoneyStage } from '#tests/money/money-stage.ts'
import type { MoneyStage } from '#tests/money/money-stage.ts'

const asking = askingOf('openai-chat')
const recording = recordingsOf(asking).find(
  ({ reply, expect }) => reply.stream === undefined && expect.outcome === 'ok' && expect.text && expect.usage,
)
assert.ok(recording?.expect.usage)
const { inputTokens, outputTokens } = recording.expect.usage
const costNanoUsd = expectedCost(asking, recording, recording.expect.usage)
const usd = (nano: number) => (nano / 1e9).toFixed(9)
const words = 'Hello '.repeat(inputTokens)

let stage: MoneyStage
before(async () => {
  stage = await openMoneyStage({
    environment: { ADMIN_API_KEY: adminKey },
    settings: `budget: {default_monthly_limit: "${usd(costNanoUsd * 3)}"}\n`,
  })
  stage.playAlways({ recording, costNanoUsd })
})
after(async () => stage.close())

interface Wish {
  readonly user: string
  readonly secret?: string
  readonly maxTokens?: number | undefined
}

async function ask(mark: string, { user, secret = adminKey, maxTokens = outputTokens }: Wish) {
  const body = {
    prompt: markedPrompt(mark, words),
    model: asking.model,
    max_tokens: maxTokens,
    user_id: user,
  }
  const response = await stage.ask({ mark, path: '/v1/generate', body, headers: bearer(secret) })
  await response.arrayBuffer()
  return response.status
}

async function setBudget(body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', ...bearer(adminKey) }
  const address = `${stage.houses[0]?.address}/admin/v1/budgets`
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.equal(response.status, 201, await response.text())
}

const answeredOf = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length
const counterOf = async (scope: string) =>
  (await stage.books()).counters.find((counter) => counter.scope === scope)

// BerriAI/litellm#34732
test('a burst of calls that all pass the same check: here each holds its money in the step that checks', async () => {
  const calls = Array.from({ length: 40 }, (_, call) => ask(`burst-${call}`, { user: 'burst' }))
  const answered = answeredOf(await Promise.all(calls))
  assert.ok(answered > 0 && answered <= 3, `${answered} were answered`)
})

// BerriAI/litellm#40095
test('the first calls of an end user whom nobody knows yet: here they share the default budget from the first one on', async () => {
  for (const user of ['new-1', 'new-2']) {
    const calls = Array.from({ length: 15 }, (_, call) => ask(`${user}-${call}`, { user }))
    const answered = answeredOf(await Promise.all(calls))
    assert.ok(answered > 0 && answered <= 3, `${answered} were answered`)
  }
})

// BerriAI/litellm#26672
test('a key that spends on past its budget: here it is refused from then on, however it asks', async () => {
  const { id, secret } = await makeKey(stage.houses[0] ?? assert.fail(), { tenant_id: 'capped' })
  await setBudget({
    scope: 'key',
    subject: id,
    tenant_id: 'capped',
    window: 'month',
    limit_usd: usd(costNanoUsd * 2),
  })
  const statuses: number[] = []
  for (let call = 0; call < 8; call += 1)
    statuses.push(await ask(`capped-${call}`, { user: `c${call}`, secret }))
  assert.ok(answeredOf(statuses) <= 2)
  assert.deepEqual(new Set(statuses.slice(3)), new Set([402]))
  for (const [path, body] of [
    ['/v1/chat/completions', { model: asking.model, messages: [{ role: 'user', content: words }] }],
    ['/v1/responses', { model: asking.model, input: words }],
    ['/v1/messages', { model: asking.model, max_tokens: 500, messages: [{ role: 'user', content: words }] }],
    [`/v1beta/models/${asking.model}:generateContent`, { contents: [{ parts: [{ text: words }] }] }],
    ['/v2/chat', { model: asking.model, messages: [{ role: 'user', content: words }] }],
    ['/v1/generate/stream', { model: asking.model, prompt: words }],
  ] as const) {
    const response = await stage.ask({ mark: 'capped-door', path, body, headers: bearer(secret) })
    assert.equal(response.status, 402, `${path}: ${await response.text()}`)
  }
})

// BerriAI/litellm#11083
test('an end user named in another field than the budget is looked up by: here the field of each API is the user', async () => {
  await setBudget({ scope: 'user', subject: 'eve', tenant_id: 'default', window: 'month', limit_usd: '0' })
  for (const [path, body] of [
    ['/v1/generate', { model: asking.model, prompt: words, user_id: 'eve' }],
    [
      '/v1/chat/completions',
      { model: asking.model, messages: [{ role: 'user', content: words }], user: 'eve' },
    ],
    ['/v1/responses', { model: asking.model, input: words, user: 'eve' }],
    [
      '/v1/messages',
      {
        model: asking.model,
        max_tokens: 500,
        messages: [{ role: 'user', content: words }],
        metadata: { user_id: 'eve' },
      },
    ],
  ] as const) {
    const response = await stage.ask({ mark: 'eve', path, body, headers: bearer(adminKey) })
    assert.equal(response.status, 402, `${path}: ${await response.text()}`)
  }
})

test('a budget that is not looked at because another one is there: here every level refuses by itself', async () => {
  for (const scope of ['tenant', 'team', 'project', 'user', 'key'] as const) {
    const tenant = `level-${scope}`
    const wish = { tenant_id: tenant, team_id: 'red', project_id: 'moon' }
    const { id, secret } = await makeKey(stage.houses[0] ?? assert.fail(), wish)
    const subject = { tenant, team: 'red', project: 'moon', user: 'ann', key: id }[scope]
    const owner = scope === 'tenant' ? {} : { tenant_id: tenant }
    await setBudget({ scope, subject, ...owner, window: 'month', limit_usd: '0.000000001' })
    for (const other of ['tenant', 'key'] as const) {
      if (other === scope) continue
      const rich = other === 'tenant' ? { subject: tenant } : { subject: id, tenant_id: tenant }
      await setBudget({ scope: other, ...rich, window: 'month', limit_usd: '1000' })
    }
    assert.equal(await ask(`level-${scope}`, { user: 'ann', secret }), 402, scope)
  }
})

// BerriAI/litellm#27639
test('holds that leak on the way out of a failure: here a budget for one call still pays for one after forty failures', async () => {
  const failing = { recording: { reply: { status: 500, headers: {}, body: { error: { message: 'no' } } } } }
  for (let call = 0; call < 40; call += 1) stage.play(`leak-${call}`, { ...failing, costNanoUsd: 0 })
  for (let call = 0; call < 40; call += 1) await ask(`leak-${call}`, { user: 'leak' })
  assert.equal(await ask('leak-good', { user: 'leak' }), 200)
})

// BerriAI/litellm#27509
test('one call that holds the whole budget: here a call without a limit of its own holds no more than the stated default', async () => {
  const { id, secret } = await makeKey(stage.houses[0] ?? assert.fail(), {
    tenant_id: 'wide',
    user_id: 'wide',
  })
  await setBudget({ scope: 'user', subject: 'wide', tenant_id: 'wide', window: 'month', limit_usd: '1' })
  await setBudget({ scope: 'key', subject: id, tenant_id: 'wide', window: 'month', limit_usd: '1' })
  const gate = Promise.withResolvers<void>()
  const marks = ['wide-0', 'wide-1', 'wide-2']
  for (const mark of marks) stage.play(mark, { recording, costNanoUsd, beforeHead: () => gate.promise })
  const asked = marks.map((mark) =>
    stage.ask({
      mark,
      path: '/v1/generate',
      body: { prompt: markedPrompt(mark, words), model: asking.model },
      headers: bearer(secret),
    }),
  )
  await eventually(async () => {
    const counter = await counterOf('tenant:wide')
    assert.ok(counter && counter.reserved > 0 && counter.reserved < 1e9, 'something is left')
    assert.equal((await stage.books()).openHolds.filter((hold) => hold.startsWith('wide-')).length, 3)
  })
  gate.resolve()
  assert.deepEqual(await Promise.all(asked.map(async (one) => (await one).status)), [200, 200, 200])
})

// BerriAI/litellm#38647
test('a burst of calls with enormous limits: here the budget is held only while they run, and their caps are cut to it', async () => {
  const gate = Promise.withResolvers<void>()
  const first = 'enormous-0'
  stage.play(first, { recording, costNanoUsd, beforeHead: () => gate.promise })
  const running = ask(first, { user: 'enormous', maxTokens: 90_000 })
  await eventually(async () => {
    assert.ok(stage.bills.some(({ mark }) => mark === first))
  })
  const sent = stage.provider.requests.find(({ bodyText }) => bodyText.includes(first))
  const cap = Number(
    (sent?.body as { readonly max_completion_tokens?: number } | undefined)?.max_completion_tokens,
  )
  assert.ok(cap > 0 && cap < 90_000, `the cap was ${cap}`)
  const most = highestCost(
    { id: '', validFromMs: 0, base: { input: 0, output: asking.usd.output * 1e9 }, tiers: [] },
    0,
    cap,
  )
  assert.ok(most <= costNanoUsd * 3, 'the cap that was sent is what is left of the budget')
  assert.equal(await ask('enormous-1', { user: 'enormous', maxTokens: 90_000 }), 402)
  gate.resolve()
  assert.equal(await running, 200)
  assert.equal(await ask('enormous-2', { user: 'enormous' }), 200)
})

// BerriAI/litellm#40002
test('a price tier that is not held: here a hold is at the dearest tier', () => {
  const base = { input: 2_000_000_000, output: 10_000_000_000 }
  const list = { input: 4_000_000_000, output: 20_000_000_000 }
  const tiered = { id: '', validFromMs: 0, base, tiers: [{ aboveInputTokens: 272_000, list }] }
  const plain = { ...tiered, tiers: [] }
  assert.ok(highestCost(tiered, 300_000, 1_000) >= 2 * (highestCost(plain, 300_000, 1_000) - 9))
})

test('after all of this every bill has its row, and nothing is held', async () => {
  await eventually(async () => {
    const { exact } = assertMoney(await stage.books(), {
      bills: stage.bills.filter(({ costNanoUsd: cost }) => cost > 0),
    })
    assert.ok(exact > 5)
  })
})
