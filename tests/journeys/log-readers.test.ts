/** Standard output that nobody reads, or that has no room: requests are answered, and the end comes as usual. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openWorkplace, postJson } from '#tests/journeys/child-service.ts'
import type { ChildService, Workplace } from '#tests/journeys/child-service.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { freePort } from '#tests/support/real-server.ts'

/** Nobody is shed, also on a busy machine. */
const sound = 'server: {drain_ms: 1000}\nload: {shedding: {enabled: false}}\n'
/** Each reload of it makes a line of the log. */
const faulty = 'server: {drain_ms: never}\n'

/** Until the settings are known to have been read again: what a reload says is in the log alone. */
async function reload(place: Workplace, service: ChildService, address: string): Promise<void> {
  for (const settings of [faulty, sound]) {
    place.writeSettings(settings)
    for (let signal = 0; signal < 20; signal++) {
      service.kill('SIGHUP')
      // A signal that comes while the last one is not heard yet is the same signal.
      assert.equal((await fetch(`${address}/livez`)).status, 200)
    }
  }
}

async function startInto(context: TestContext, place: Workplace, stdout: number) {
  const port = await freePort()
  place.writeSettings(sound)
  const environment = { CONFIG_FILE: place.settingsFile, PORT: String(port) }
  const service = place.start({ environment, stdout })
  context.after(() => closeSync(stdout))
  const address = `http://127.0.0.1:${port}`
  await eventually(async () => assert.equal((await fetch(`${address}/readyz`)).status, 200), 120_000)
  return { service, address }
}

async function assertAnswers(address: string): Promise<void> {
  const response = await postJson(`${address}/v1/generate`, { prompt: 'Hello', max_tokens: 3 })
  assert.equal(response.status, 200, await response.text())
}

test('a pipe that nobody reads holds up no request, and is read on from where it stopped', async (context) => {
  const place = openWorkplace(context)
  const file = join(place.folder, 'log')
  assert.equal(spawnSync('mkfifo', [file]).status, 0)
  const reader = openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
  context.after(() => closeSync(reader))
  fill(reader)
  const { service, address } = await startInto(context, place, openSync(file, constants.O_WRONLY))
  await reload(place, service, address)
  await assertAnswers(address)
  await eventually(() => assert.match(readAll(reader), /listens on http/))
  await reload(place, service, address)
  await eventually(() => assert.match(readAll(reader), /"the changed configuration was refused/))
  fill(reader)
  service.kill('SIGTERM')
  assert.deepEqual(await service.ending, { code: 0, signal: null })
})

test('an output without room, like a file on a full disk, ends nothing and holds up no request', async (context) => {
  const place = openWorkplace(context)
  const { service, address } = await startInto(context, place, openSync('/dev/full', 'w'))
  await reload(place, service, address)
  await assertAnswers(address)
  service.kill('SIGTERM')
  assert.deepEqual(await service.ending, { code: 0, signal: null }, service.stderr())
})

/** Until there is no room for one more byte. */
function fill(pipe: number): void {
  for (const size of [65_536, 1]) {
    const piece = Buffer.alloc(size, '\n')
    while (isDone(() => writeSync(pipe, piece)));
  }
}

function readAll(pipe: number): string {
  const piece = Buffer.alloc(1_048_576)
  let text = ''
  while (isDone(() => (text += piece.toString('utf8', 0, readSync(pipe, piece)))));
  return text
}

function isDone(step: () => unknown): boolean {
  try {
    step()
    return true
  } catch (failure) {
    assert.equal((failure as NodeJS.ErrnoException).code, 'EAGAIN')
    return false
  }
}
