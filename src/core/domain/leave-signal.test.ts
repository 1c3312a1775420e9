import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eitherSignal, Leaving } from '#core/domain/leave-signal.ts'

const once = { once: true } as const

test('everybody who listens hears it once, in order, with its first reason', () => {
  const leaving = new Leaving()
  const heard: string[] = []
  for (const name of ['a', 'b', 'c']) leaving.addEventListener('abort', () => heard.push(name), once)
  leaving.abort('first')
  leaving.abort('second')
  assert.deepEqual([heard, leaving.aborted, leaving.reason], [['a', 'b', 'c'], true, 'first'])
})

test('who has stopped listening hears nothing, nor does who comes too late', () => {
  const leaving = new Leaving()
  const heard: string[] = []
  const first = () => heard.push('first')
  leaving.addEventListener('abort', first, once)
  leaving.addEventListener('abort', () => heard.push('second'), once)
  leaving.removeEventListener('abort', first)
  leaving.removeEventListener('abort', first)
  leaving.abort()
  leaving.addEventListener('abort', () => heard.push('late'), once)
  assert.deepEqual(heard, ['second'])
})

test('one who stops another from listening while it is told does not disturb the rest', () => {
  const leaving = new Leaving()
  const heard: string[] = []
  const second = () => heard.push('second')
  leaving.addEventListener('abort', () => leaving.removeEventListener('abort', second), once)
  leaving.addEventListener('abort', second, once)
  leaving.addEventListener('abort', () => heard.push('third'), once)
  leaving.abort()
  assert.deepEqual(heard.at(-1), 'third')
})

test('either of two signals gives both, with its reason, and is not listened for any more then', () => {
  const leaving = new Leaving()
  const waited = new AbortController()
  const other = eitherSignal(new Leaving(), waited.signal)
  const either = eitherSignal(leaving, new AbortController().signal)
  const heard: unknown[] = []
  either.addEventListener('abort', () => heard.push(either.reason))
  leaving.abort('left')
  waited.abort('enough')
  assert.deepEqual([either.reason, other.reason, heard], ['left', 'enough', ['left']])
})

test('either of two signals is given at once when one of them was', () => {
  const gone = new Leaving()
  gone.abort('gone')
  for (const either of [eitherSignal(gone, new Leaving()), eitherSignal(new Leaving(), gone)]) {
    assert.deepEqual([either.aborted, either.reason], [true, 'gone'])
  }
})
