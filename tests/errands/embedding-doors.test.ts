/** Every client of embeddings against every kind of target: the right vectors, in order, counted and charged once. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readRecords } from '#tests/journeys/records.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { embeddingClients, embeddingTargets } from '#tests/errands/embedding-clients.ts'
import type { EmbeddingClient } from '#tests/errands/embedding-clients.ts'
import { vectorOf } from '#tests/errands/errand-double.ts'
import { openErrandStage } from '#tests/errands/errand-stage.ts'
import type { ErrandStage } from '#tests/errands/errand-stage.ts'

const texts = ['The signal at platform 2 is red.', 'Zug \u{1F682} fährt', 'a tab\t, and "quotes"']

let stage: ErrandStage

before(async () => {
  stage = await openErrandStage()
})

after(async () => {
  try {
    await stage.assertSettled()
  } finally {
    await stage.close()
  }
})

let asked = 0

/** The row of the request that a client makes now, and its vectors. */
async function ask(client: EmbeddingClient | undefined, model: string) {
  assert.ok(client)
  asked++
  const vectors = await client.embed(stage.address, model, texts)
  const row = await eventually(() => {
    const { rows } = readRecords(stage.house.dataDir)
    assert.equal(rows.length, asked)
    return rows.at(-1)
  })
  return { vectors, row }
}

for (const client of embeddingClients) {
  describe(client.title, () => {
    for (const { model, provider, usdPerMillion } of embeddingTargets) {
      it(`gets the vectors of ${model}`, async () => {
        const { vectors, row } = await ask(client, model)
        assert.deepEqual(
          vectors,
          texts.map((text) => vectorOf(text)),
        )
        assert.ok(row)
        assert.deepEqual(
          [
            row.kind,
            row.door,
            row.provider,
            row.status,
            row.input_tokens,
            row.output_tokens,
            row.is_estimated,
          ],
          ['charge', client.door, provider, 200, 30, 0, 0],
        )
        if (usdPerMillion !== undefined)
          assert.equal(row.cost_nano_usd, Math.round(30 * usdPerMillion * 1_000))
      })
    }
  })
}

it('vectors come as base64 to who asked for that, also from a server that never sends any', async () => {
  const [asksForBase64] = embeddingClients
  stage.double.ignoresBase64 = true
  try {
    for (const { model } of embeddingTargets) {
      const { vectors } = await ask(asksForBase64, model)
      assert.deepEqual(
        vectors,
        texts.map((text) => vectorOf(text)),
      )
    }
    asked++
    const response = await stage.house.post('/v1/embeddings', {
      model: 'ollama/nomic-embed-text',
      input: texts[0],
      encoding_format: 'base64',
    })
    const { data } = (await response.json()) as { data: readonly { readonly embedding: unknown }[] }
    assert.equal(typeof data[0]?.embedding, 'string')
  } finally {
    stage.double.ignoresBase64 = false
  }
})

it('usage that a provider does not tell is estimated, charged and marked', async () => {
  stage.double.hidesUsage = true
  try {
    for (const { model, usdPerMillion } of embeddingTargets) {
      const { row } = await ask(embeddingClients[0], model)
      assert.equal(row?.is_estimated, 1, model)
      assert.ok((row?.input_tokens ?? 0) > 0)
      if (usdPerMillion !== undefined && usdPerMillion > 0) assert.ok((row?.cost_nano_usd ?? 0) > 0)
    }
  } finally {
    stage.double.hidesUsage = false
  }
})
