/** Facts about models that nobody can be asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { routeModel } from '#services/routing-engine/routed-model.ts'
import { card, row } from '#tests/support/routing-house.ts'

test('what is missing is named: the key where one is needed, else the address', () => {
  const obstacleOf = (changes: Partial<ReturnType<typeof row>>) =>
    routeModel(card('openai/gpt-4o'), { row: { ...row('openai'), ...changes }, state: 'keyless' }, undefined)
      .obstacle
  assert.match(obstacleOf({})?.detail ?? '', /whose key is not set/)
  assert.match(obstacleOf({})?.mend ?? '', /OPENAI_API_KEY/)
  for (const changes of [{ auth: 'none' }, { baseUrl: '' }] as const) {
    assert.match(obstacleOf(changes)?.detail ?? '', /whose address is not set/)
    assert.match(obstacleOf(changes)?.mend ?? '', /base_url under providers\.openai/)
  }
})
