/** One cell of the page: a client, a feature, a target; whether it can be tried at all, and how it went. */
import assert from 'node:assert/strict'
import { eventually } from '#tests/journeys/eventually.ts'
import { checkBroken } from '#tests/clients/check-broken.ts'
import { checkEmbeddings } from '#tests/clients/check-embeddings.ts'
import {
  checkImage,
  checkLoop,
  checkReasoning,
  checkStructured,
  checkText,
} from '#tests/clients/check-answers.ts'
import { checkGatewayRefusal, checkRefusal, checkRetries } from '#tests/clients/check-refusals.ts'
import type { ClientStage } from '#tests/clients/client-stage.ts'
import { features } from '#tests/clients/features.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import { refusalIn } from '#tests/clients/refusals.ts'
import { sceneNames, sceneOf } from '#tests/clients/scenes.ts'
import type { SceneName } from '#tests/clients/scenes.ts'
import type { Act, ClientDriver, Limits } from '#tests/clients/task.ts'
import { targets } from '#tests/clients/targets.ts'
import type { Target } from '#tests/clients/targets.ts'
import type { Recording } from '#tests/support/recording.ts'

export interface Cell {
  readonly driver: ClientDriver
  readonly feature: FeatureName
  readonly target: Target
}

/** `partly`: the client does less than others here, in a way that is known and was seen. */
export type Outcome =
  | { readonly kind: 'works' }
  | { readonly kind: 'partly'; readonly reason: string }
  | { readonly kind: 'not there'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  /** Because of the client, whoever is asked. */
  | { readonly kind: 'fails'; readonly reason: string }

/** A cell with everything that its trial needs. */
export interface Trial extends Cell {
  readonly stage: ClientStage
  readonly act: Act
  /** The target as the double plays it: who asks OpenAI by Responses is answered by Responses. */
  readonly played: Target
  readonly recordings: readonly Recording[]
  /** What the client is known to do differently in this row. */
  readonly limit: string | undefined
}

/** Every cell of a client. Errors that the gateway itself gives are the same for every target, so they stand once. */
export function cellsOf(driver: ClientDriver): readonly Cell[] {
  return (Object.keys(features) as FeatureName[]).flatMap((feature) =>
    (features[feature].scope === 'gateway' ? targets.slice(0, 1) : targets).map((target) => ({
      driver,
      feature,
      target,
    })),
  )
}

/** Undefined when the cell can be tried; otherwise why there is nothing to try. */
export function absence(cell: Cell): Outcome | undefined {
  const reason = reasonOfAbsence(cell)
  if (reason !== undefined) return { kind: 'not there', reason }
  const fault = said(cell.driver.untriedFaults, cell)
  return fault === undefined ? undefined : { kind: 'fails', reason: fault }
}

function reasonOfAbsence(cell: Cell): string | undefined {
  const { driver, feature, target } = cell
  const act = driver.acts[features[feature].act]
  if ('notThere' in act) return act.notThere
  const limit = limitOf(cell)
  if (limit !== undefined && !softLimits.has(feature)) return limit
  if (feature === 'embeddings' && target.embeddingModel === undefined) return noEmbeddings(target)
  const scene = sceneNames[feature]
  if (scene === undefined) return undefined
  const played = playedTarget(driver, target)
  if (played !== target && thinkingScenes.has(scene))
    return 'this model does not think; the next column is one that does'
  const script = sceneOf(played.name, played.dialect, scene)
  return 'notThere' in script ? script.notThere : undefined
}

const thinkingScenes: ReadonlySet<SceneName> = new Set(['reasoning', 'streamedReasoning', 'thoughtsReturned'])

const noEmbeddings = ({ name, title }: Target): string =>
  name === 'openai-responses'
    ? 'embeddings are an API of their own at OpenAI'
    : `${title} makes no embeddings`

/** Rows in which a client that does less is tried all the same, and must do what is said of it. */
const softLimits: ReadonlySet<FeatureName> = new Set(['text', 'stream', 'thoughtsReturned', 'cutStream'])

const said = (limits: Limits | undefined, { feature, target }: Cell): string | undefined =>
  limits?.[`${feature}@${target.name}`] ?? limits?.[feature]

const limitOf = (cell: Cell): string | undefined => said(cell.driver.limits, cell)

function playedTarget({ door }: ClientDriver, target: Target): Target {
  if (door !== 'openai-responses' || target.name !== 'openai-chat') return target
  const responses = targets.find(({ name }) => name === 'openai-responses')
  assert.ok(responses)
  return responses
}

const trials: Readonly<Record<FeatureName, (trial: Trial) => Promise<void>>> = {
  text: checkText,
  stream: checkText,
  tools: checkLoop,
  streamedTools: checkLoop,
  parallelTools: checkLoop,
  streamedParallelTools: checkLoop,
  image: checkImage,
  structured: checkStructured,
  reasoning: checkReasoning,
  streamedReasoning: checkReasoning,
  thoughtsReturned: checkLoop,
  embeddings: checkEmbeddings,
  badRequest: checkRefusal,
  rateLimited: checkRefusal,
  serverError: checkRefusal,
  retries: checkRetries,
  cutStream: checkBroken,
  abort: checkBroken,
  unauthorized: checkGatewayRefusal,
  notFound: checkGatewayRefusal,
}

/** Tries the cell. Throws an assertion when the client did not hear what it must. */
export async function tryCell(stage: ClientStage, cell: Cell): Promise<Outcome> {
  const absent = absence(cell)
  if (absent) return absent
  const trial = openTrial(stage, cell)
  const refusal = refusalIn(cell)
  if (refusal) {
    await checkNamedRefusal(trial, refusal.code)
    return { kind: 'refused', ...refusal }
  }
  const fault = said(cell.driver.faults, cell)
  if (fault !== undefined) {
    await assert.rejects(inTime(trials[cell.feature](trial)), 'it works after all: strike out the fault')
    return { kind: 'fails', reason: fault }
  }
  await inTime(trials[cell.feature](trial))
  return trial.limit === undefined ? { kind: 'works' } : { kind: 'partly', reason: trial.limit }
}

function openTrial(stage: ClientStage, cell: Cell): Trial {
  const { driver, feature, target } = cell
  const act = driver.acts[features[feature].act]
  assert.ok(!('notThere' in act))
  const played = playedTarget(driver, target)
  const name: SceneName | undefined = sceneNames[feature]
  const scene = name === undefined ? [] : sceneOf(played.name, played.dialect, name)
  assert.ok(!('notThere' in scene))
  return { ...cell, stage, act, played, recordings: scene, limit: limitOf(cell) }
}

/** What the target cannot do is refused with a code of its own before anybody is asked. */
async function checkNamedRefusal(trial: Trial, code: string): Promise<void> {
  const { stage } = trial
  const before = stage.rowsWith(code)
  await assert.rejects(inTime(trials[trial.feature](trial)))
  assert.equal(stage.received().length, 0, 'the provider was not asked')
  await stage.assertNothingHeld()
  // Rows are written in batches.
  await eventually(() => assert.equal(stage.rowsWith(code), before + 1, `the row says ${code}`))
}

const patienceMs = 20_000

/** A client that waits for ever fails its cell, not the whole run. */
async function inTime(trial: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${patienceMs} ms`)), patienceMs)
  })
  try {
    await Promise.race([trial, late])
  } finally {
    clearTimeout(timer)
  }
}
