/**
 * Preloaded into each test file: one whose tests are done, but which does not end because something of it is still
 * open, fails with the names of what is open. The runner itself would wait for it for ever.
 */
import { after } from 'node:test'
import { isMainThread } from 'node:worker_threads'

const graceMs = Number(process.env['OPEN_END_GRACE_MS'] ?? 20_000)

function failForOpenEnd(): void {
  const open = process.getActiveResourcesInfo()
  const sum = [...new Set(open)].map((kind) => `${open.filter((other) => other === kind).length} ${kind}`)
  console.error(`The tests of this file are done, and it does not end. Still open: ${sum.join(', ')}`)
  process.exit(1)
}

// Not in the runner's own process, nor in threads that a test starts.
if (process.env['NODE_TEST_CONTEXT'] && isMainThread) {
  after(() => void setTimeout(failForOpenEnd, graceMs).unref())
}
