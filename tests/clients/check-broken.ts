/** Streams that break: by the provider, which must never look like success, and by the application, which is booked. */
import assert from 'node:assert/strict'
import type { Trial } from '#tests/clients/cell.ts'
import { errandOf } from '#tests/clients/errand.ts'
import type { Heard } from '#tests/clients/task.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { replyBytes } from '#tests/support/recording.ts'

const pieceBytes = 16
/** How much of a stream is sent before the double waits for the client to have heard something. */
const shownShare = 0.7

type Ending = { readonly heard: Heard } | { readonly thrown: unknown }

export async function checkBroken(trial: Trial): Promise<void> {
  await (trial.feature === 'abort' ? checkAbort(trial) : checkCut(trial))
  await trial.stage.assertNothingHeld()
}

/** Sets the stage; the rest of the stream is sent, or cut off, once the gate opens. */
function playHeld({ recordings, stage }: Trial, isCut: boolean): PromiseWithResolvers<void> {
  const [recording] = recordings
  assert.ok(recording)
  const afterBytes = Math.floor(replyBytes(recording.reply).length * shownShare)
  const gate = Promise.withResolvers<void>()
  stage.play({
    recording,
    chunkSizes: [afterBytes - pieceBytes, pieceBytes],
    beforeChunk: (written) => (written > 0 ? gate.promise : undefined),
    cut: isCut ? { afterBytes, how: 'fin' } : undefined,
  })
  return gate
}

async function endingOf(heard: Promise<Heard>): Promise<Ending> {
  try {
    return { heard: await heard }
  } catch (thrown) {
    return { thrown }
  }
}

async function checkCut(trial: Trial): Promise<void> {
  const { stage, limit, recordings } = trial
  const before = stage.rowsWith('stream_cut')
  const gate = playHeld(trial, true)
  const { task, pieces } = errandOf(trial, { tools: [], hear: () => gate.resolve() })
  const ending = await endingOf(trial.act(task))
  const text = pieces.join('')
  assert.ok(text !== '' && recordings[0]?.expect.text?.startsWith(text), `heard before the cut: ${text}`)
  if ('heard' in ending) {
    assert.equal(
      ending.heard.isUnfinished,
      true,
      `a cut stream looked whole: ${JSON.stringify(ending.heard)}`,
    )
    assert.ok(limit, 'the client throws nothing: its limits must say how it shows a cut')
  } else {
    assert.equal(limit, undefined, 'the client throws after all: strike out its limit')
    assert.doesNotMatch(String(ending.thrown), /AssertionError/)
  }
  await eventually(() => assert.equal(stage.rowsWith('stream_cut'), before + 1))
}

async function checkAbort(trial: Trial): Promise<void> {
  const { stage } = trial
  const before = stage.rowsWith('caller_left')
  const gate = playHeld(trial, false)
  const leaving = new AbortController()
  const { task, pieces } = errandOf(trial, {
    tools: [],
    signal: leaving.signal,
    hear: () => leaving.abort(),
  })
  const ending = endingOf(trial.act(task))
  try {
    await eventually(() => assert.ok(pieces.length > 0, 'the client hears nothing'))
    assert.equal(await stage.received()[0]?.ending, 'broken', 'the provider is left')
  } finally {
    gate.resolve()
  }
  await ending
  await eventually(() => assert.equal(stage.rowsWith('caller_left'), before + 1, 'the row of the bill'))
}
