/** The yardstick must be a correct proxy, or the ratios against it say nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoad } from './load.ts'
import { startTarget, targets } from './targets.ts'
import { startUpstream } from './upstream.ts'

test('a reader who leaves the bare proxy stops the stream at the provider', async () => {
  const upstream = await startUpstream()
  const bare = targets.find(({ name }) => name === 'bare')
  assert.ok(bare)
  const running = await startTarget(bare, { upstreamPort: upstream.port, placement: undefined })
  try {
    const { port, path, headerLines } = running.subject
    const load = startLoad({ port, path, headerLines, kind: 'paced', connections: 3 })
    while (load.peek().firstEvent.count() < 3) await sleep(10)
    assert.equal(upstream.abandonedStreams(), 0)
    load.stop()
    for (let wait = 0; wait < 100 && upstream.abandonedStreams() < 3; wait++) await sleep(20)
    assert.equal(upstream.abandonedStreams(), 3)
  } finally {
    await running.stop()
    await upstream.close()
  }
})
