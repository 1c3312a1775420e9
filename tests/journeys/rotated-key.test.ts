/** A provider's key that was replaced where keys are kept: the first refusal has it read again, and no caller sees one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { assertNothingHeld, rowsOf, soonWritten } from '#tests/journeys/records.ts'
import { startKeyCheckingProvider } from '#tests/support/key-checking-provider.ts'
import type { KeyCheckingProvider } from '#tests/support/key-checking-provider.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

describe('a key that was replaced where keys are kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-keys-'))
  const keep = (name: string, key: string) => writeFileSync(join(folder, name), key, { mode: 0o600 })
  let provider: KeyCheckingProvider

  before(async () => {
    provider = await startKeyCheckingProvider()
  })
  after(async () => {
    await provider.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    provider.startOver(['sk-old'])
    keep('FIRST_KEY', 'sk-old')
    keep('SPARE_KEY', 'sk-spare')
  })

  const inHouse = async (keys: string, check: (house: RunningHouse) => Promise<void>) => {
    const house = await startHouse({
      yaml: `${soonWritten}cache: {enabled: false}
key_vault: {provider: file, file: ${JSON.stringify(folder)}}
resilience: {retry_base_ms: 1}
providers: {openai: {base_url: "${provider.baseUrl}", keys: [${keys}]}}
catalog: {file: ${catalogueFile}}
`,
    })
    try {
      await check(house)
      await assertNothingHeld(house)
    } finally {
      await house.close()
    }
  }
  const ask = async (house: RunningHouse) => {
    const question = { prompt: 'Go on.', model: 'talking-gpt', max_tokens: 500 }
    const response = await house.post('/v1/generate', question)
    const text = await response.text()
    return { status: response.status, body: JSON.parse(text) as { readonly id: string } }
  }

  it('is read again when it is refused, and the caller is answered with the new one', () =>
    inHouse('FIRST_KEY', async (house) => {
      provider.refused.clear()
      assert.equal((await ask(house)).status, 200)
      provider.refused.add('sk-old')
      keep('FIRST_KEY', 'sk-new')
      const { status, body } = await ask(house)
      assert.equal(status, 200)
      assert.deepEqual(provider.asked, ['sk-old', 'sk-old', 'sk-new'])
      const rows = await rowsOf(house, body.id)
      assert.deepEqual(
        rows.map(({ kind, problem, cost_nano_usd: cost }) => [kind, problem, cost > 0]),
        [
          ['failed', 'provider_auth', false],
          ['charge', null, true],
        ],
      )
      assert.equal((await ask(house)).status, 200)
      assert.equal(provider.asked.at(-1), 'sk-new')
    }))

  it('that is the same as before is set aside, and other keys are used', () =>
    inHouse('{key: FIRST_KEY, weight: 1}, {key: SPARE_KEY, weight: 0}', async (house) => {
      assert.equal((await ask(house)).status, 200)
      assert.equal((await ask(house)).status, 200)
      assert.deepEqual(provider.asked, ['sk-old', 'sk-spare', 'sk-spare'])
    }))

  it('that is replaced by another wrong one is refused to the caller, after one more attempt', () =>
    inHouse('FIRST_KEY', async (house) => {
      provider.refused.add('sk-wrong')
      keep('FIRST_KEY', 'sk-wrong')
      assert.equal((await ask(house)).status, 502)
      assert.deepEqual(provider.asked, ['sk-old', 'sk-wrong'])
    }))
})
