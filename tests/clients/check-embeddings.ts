/** Embeddings: every text arrives, and every number of every vector. */
import assert from 'node:assert/strict'
import type { Trial } from '#tests/clients/cell.ts'
import { providerKey } from '#tests/clients/client-stage.ts'
import { embeddingReply, textsSent, vectorOf } from '#tests/clients/embedding-replies.ts'
import { errandOf } from '#tests/clients/errand.ts'

const inputs = ['The signal stands at danger.', 'Gleis 2 ist frei \u{1F682}']

export async function checkEmbeddings(trial: Trial): Promise<void> {
  const { stage, target } = trial
  stage.playFor((request) => embeddingReply(target.name, request))
  const { task } = errandOf(trial, { tools: [], inputs, model: target.embeddingModel ?? '' })
  const heard = await trial.act(task)
  assert.deepEqual(heard.vectors, inputs.map(vectorOf))
  const requests = stage.received()
  assert.deepEqual(
    requests.flatMap((request) => textsSent(target.name, request)),
    inputs,
  )
  for (const { path, headers } of requests) {
    assert.ok(path.startsWith(target.path), path)
    assert.ok(JSON.stringify(headers).includes(providerKey(target)), "the provider's key was sent")
  }
}
