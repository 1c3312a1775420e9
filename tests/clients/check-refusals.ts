/** Refusals: the client's own class of errors, the status, the provider's words, and how often it asks again. */
import assert from 'node:assert/strict'
import type { Trial } from '#tests/clients/cell.ts'
import { errandOf } from '#tests/clients/errand.ts'
import { refusalOf, refusalRecording } from '#tests/clients/provider-refusals.ts'
import type { RefusalKind } from '#tests/clients/provider-refusals.ts'
import type { Door, Failure, Task } from '#tests/clients/task.ts'

/** Statuses that an API has in place of the usual ones, at its own provider too. */
const ownStatuses: Readonly<Partial<Record<Door, Readonly<Record<number, number>>>>> = {
  anthropic: { 502: 500 },
  gemini: { 502: 500, 401: 400 },
}

const statusIn = (door: Door, usual: number): number => ownStatuses[door]?.[usual] ?? usual

/** A provider's failure is the gateway's bad gateway; what the caller did is told as it is. */
const usualStatus = (kind: RefusalKind): number => (kind === 'serverError' ? 502 : refusalOf[kind].status)

async function failureIn({ act, driver }: Trial, task: Task): Promise<Failure> {
  let thrown: unknown
  try {
    await act(task)
  } catch (error) {
    thrown = error
  }
  assert.ok(thrown !== undefined, 'the client throws')
  return driver.failureOf(thrown)
}

const isKind = (name: string): name is RefusalKind => Object.hasOwn(refusalOf, name)

export async function checkRefusal(trial: Trial): Promise<void> {
  const { stage, driver, played, feature } = trial
  assert.ok(isKind(feature))
  stage.play(refusalRecording(played.name, played.dialect, feature))
  const failure = await failureIn(trial, errandOf(trial, { tools: [] }).task)
  assert.equal(failure.name, driver.errorNames[feature], failure.message)
  assert.equal(failure.status, statusIn(driver.door, usualStatus(feature)), failure.message)
  assert.ok(failure.message.includes(refusalOf[feature].message), failure.message)
  assert.equal(stage.received().length, 1, 'with its repetitions off the client asks once')
}

export async function checkRetries(trial: Trial): Promise<void> {
  const { stage, played, recordings } = trial
  stage.play(refusalRecording(played.name, played.dialect, 'rateLimited'), ...recordings)
  const heard = await trial.act(errandOf(trial, { tools: [], maxRetries: undefined }).task)
  assert.equal(heard.text, recordings[0]?.expect.text)
  assert.equal(stage.received().length, 2, 'the client asked twice')
}

/** The gateway's own refusals, before anybody else is asked. */
export async function checkGatewayRefusal(trial: Trial): Promise<void> {
  const { stage, driver, feature } = trial
  stage.play()
  const isKeyWrong = feature === 'unauthorized'
  const wrong = isKeyWrong ? { apiKey: 'sbk_nobody_has_this_key' } : { model: 'no-such-model' }
  const failure = await failureIn(trial, errandOf(trial, { tools: [], ...wrong }).task)
  assert.equal(failure.name, driver.errorNames[isKeyWrong ? 'unauthorized' : 'notFound'], failure.message)
  assert.equal(failure.status, statusIn(driver.door, isKeyWrong ? 401 : 404), failure.message)
  assert.match(failure.message, isKeyWrong ? /API key is not valid/ : /no-such-model/)
  assert.equal(stage.received().length, 0, 'no provider was asked')
}
