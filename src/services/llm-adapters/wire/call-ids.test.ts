import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createCallIds } from '#services/llm-adapters/wire/call-ids.ts'

it('a call keeps its own id, unless it has none or another call has it already', () => {
  let minted = 0
  const idOf = createCallIds(() => `minted-${(minted += 1)}`)
  const ids = ['a', undefined, 'b', 'a', '', 'c'].map((own) => idOf(own))
  assert.deepEqual(ids, ['a', 'minted-1', 'b', 'minted-2', 'minted-3', 'c'])
})
