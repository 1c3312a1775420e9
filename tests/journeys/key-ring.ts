/** Keys made through the admin API of a house that demands them. */
import assert from 'node:assert/strict'
import type { RunningHouse } from '#tests/support/running-house.ts'

export const adminKey = 'operator-key-of-this-journey-0123456789'

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

export interface MadeKey {
  readonly id: string
  readonly secret: string
}

/** Makes a key with the operator's own. `wish` is the body of POST /admin/v1/keys without its name. */
export async function makeKey(house: RunningHouse, wish: object): Promise<MadeKey> {
  const response = await house.post('/admin/v1/keys', { name: 'of a journey', ...wish }, bearer(adminKey))
  const text = await response.text()
  assert.equal(response.status, 201, text)
  return JSON.parse(text) as MadeKey
}

export async function revokeKey(house: RunningHouse, id: string): Promise<void> {
  const response = await fetch(`${house.address}/admin/v1/keys/${id}`, {
    method: 'DELETE',
    headers: bearer(adminKey),
  })
  assert.equal(response.status, 200, await response.text())
}
