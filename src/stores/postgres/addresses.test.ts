/** The servers that one address of PostgreSQL names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAddresses } from '#stores/postgres/addresses.ts'

test('one server is asked as it is named', () => {
  const url = 'postgres://me:secret@db:5432/gateway?sslmode=verify-full'
  const addresses = readAddresses(url)
  addresses.leave(url)
  assert.deepEqual([addresses.count, addresses.current()], [1, url])
})

test('several are asked one after the other, each with the same name, secret and options', () => {
  const addresses = readAddresses('postgres://me:secret@one:5432,two:5433/gateway?sslmode=verify-full')
  const one = 'postgres://me:secret@one:5432/gateway?sslmode=verify-full'
  const two = 'postgres://me:secret@two:5433/gateway?sslmode=verify-full'
  assert.equal(addresses.current(), one)
  addresses.leave(one)
  assert.equal(addresses.current(), two)
  // Whoever fails late at the first does not drive others away from the second.
  addresses.leave(one)
  assert.equal(addresses.current(), two)
  addresses.leave(two)
  assert.equal(addresses.current(), one)
})
