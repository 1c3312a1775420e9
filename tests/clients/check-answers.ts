/** Answers: what the client heard is what the recording says, and what the provider was sent is what the client asked. */
import assert from 'node:assert/strict'
import { parseJson } from '#core/domain/json.ts'
import type { Trial } from '#tests/clients/cell.ts'
import { assertAskedRightly } from '#tests/clients/client-stage.ts'
import { canonical, errandOf, image, prompt, resultOf, system } from '#tests/clients/errand.ts'
import type { RunCall } from '#tests/clients/errand.ts'
import { schemaOf } from '#tests/clients/scenes.ts'
import { mentionsSchema, sentWords, standardBase64, thoughtTokens } from '#tests/clients/sent-words.ts'
import type { SentWords } from '#tests/clients/sent-words.ts'
import type { Heard } from '#tests/clients/task.ts'
import type { Expectation, Recording } from '#tests/support/recording.ts'

/** The requests of this trial, each checked as its provider would, read back as words. */
function wordsSent({ stage, played }: Trial, count: number): readonly SentWords[] {
  const requests = stage.received()
  assert.equal(requests.length, count, 'requests that reached the provider')
  return requests.map((request) => {
    assertAskedRightly(played, played.dialect, request)
    return sentWords(played.dialect, request.body)
  })
}

function assertPlainQuestion(words: SentWords | undefined): void {
  assert.ok(words)
  assert.ok(words.system.includes(system), `the instructions arrived: ${JSON.stringify(words)}`)
  assert.ok(words.prompt.includes(prompt), `the question arrived: ${JSON.stringify(words)}`)
}

const last = (recordings: readonly Recording[]): Expectation => {
  const recording = recordings.at(-1)
  assert.ok(recording)
  return recording.expect
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** A client with a limit here counts otherwise; should it begin to count rightly, its limit must go. */
function assertTokens(heard: Heard, { usage }: Expectation, limit: string | undefined): void {
  if (!usage || usage.inputTokens === 0) return
  if (limit !== undefined) {
    const isRight = heard.inputTokens === usage.inputTokens && heard.outputTokens === usage.outputTokens
    assert.ok(!isRight, 'the client counts as others do: strike out its limit')
    return
  }
  assert.equal(heard.inputTokens, usage.inputTokens, 'input tokens')
  assert.equal(heard.outputTokens, usage.outputTokens, 'output tokens')
}

export async function checkText(trial: Trial): Promise<void> {
  trial.stage.play(...trial.recordings)
  const { task, pieces } = errandOf(trial, { tools: [] })
  const heard = await trial.act(task)
  const expect = last(trial.recordings)
  assert.equal(heard.text, expect.text)
  if (trial.feature === 'stream') assert.equal(pieces.join(''), expect.text, 'the pieces of the stream')
  assertTokens(heard, expect, trial.limit)
  assertPlainQuestion(wordsSent(trial, 1)[0])
}

export async function checkImage(trial: Trial): Promise<void> {
  trial.stage.play(...trial.recordings)
  const { task } = errandOf(trial, { tools: [], image })
  const heard = await trial.act(task)
  assert.equal(heard.text, last(trial.recordings).text)
  const [words] = wordsSent(trial, 1)
  assertPlainQuestion(words)
  assert.deepEqual(words?.images, [image])
}

export async function checkStructured(trial: Trial): Promise<void> {
  trial.stage.play(...trial.recordings)
  const wanted = parseJson(last(trial.recordings).text ?? '')
  assert.ok(wanted !== undefined && wanted !== null && typeof wanted === 'object')
  const { task } = errandOf(trial, { tools: [], schema: schemaOf(wanted) })
  const heard = await trial.act(task)
  assert.deepEqual(heard.object, wanted)
  assertPlainQuestion(wordsSent(trial, 1)[0])
  const [request] = trial.stage.received()
  assert.ok(mentionsSchema(request?.body, Object.keys(wanted)), `the schema arrived: ${request?.bodyText}`)
}

export async function checkReasoning(trial: Trial): Promise<void> {
  trial.stage.play(...trial.recordings)
  const { task } = errandOf(trial, { tools: [], isThinkingWanted: true })
  const heard = await trial.act(task)
  const expect = last(trial.recordings)
  assert.equal(squeezed(heard.reasoning ?? ''), squeezed(expect.reasoning?.text ?? ''))
  assert.equal(heard.text, expect.text)
  wordsSent(trial, 1)
}

/** Two turns: the calls, their results, the answer. With thoughts, their tokens must come back as well. */
export async function checkLoop(trial: Trial): Promise<void> {
  const { recordings, feature, stage } = trial
  stage.play(...recordings)
  const { task, ran } = errandOf(trial, { isThinkingWanted: feature === 'thoughtsReturned' })
  const heard = await trial.act(task)
  assert.equal(heard.text, last(recordings).text)
  const called = (recordings[0]?.expect.toolCalls ?? []).map(({ name, arguments: input = {} }): RunCall => ({
    name,
    input,
  }))
  assert.deepEqual(inOrder(ran), inOrder(called), 'the calls that the application ran')
  const [, second] = wordsSent(trial, 2)
  assert.ok(second)
  assertPlainQuestion(second)
  assertResults(second, called)
  if (feature === 'thoughtsReturned') assertThoughtsReturned(trial)
}

const inOrder = (calls: readonly RunCall[]): readonly string[] =>
  calls.map(({ name, input }) => `${name} ${canonical(input)}`).sort()

/** The provider gets its own calls back, and with every one the result of its very arguments. */
function assertResults({ calls, results }: SentWords, called: readonly RunCall[]): void {
  assert.deepEqual(inOrder(calls), inOrder(called), 'the calls that the provider got back')
  assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length, 'every call has an id of its own')
  assert.deepEqual(results.map(({ id }) => id).sort(), calls.map(({ id }) => id).sort())
  for (const { id, name, input } of calls) {
    const result = results.find((one) => one.id === id)
    assert.ok(result?.text.includes(resultOf(name, input)), `${name}: ${JSON.stringify(results)}`)
  }
}

function assertThoughtsReturned({ recordings, stage, limit }: Trial): void {
  const tokens = thoughtTokens(recordings[0]?.reply.body)
  assert.ok(tokens.length > 0, 'the first answer has tokens of thinking')
  const text = stage.received()[1]?.bodyText ?? ''
  const plain = standardBase64(text)
  const returned = tokens.filter((token) =>
    plain.includes(standardBase64(JSON.stringify(token).slice(1, -1))),
  )
  if (limit === undefined) assert.equal(returned.length, tokens.length, `thoughts came back: ${text}`)
  else assert.equal(returned.length, 0, 'the client sends thoughts back after all: strike out its limit')
}
