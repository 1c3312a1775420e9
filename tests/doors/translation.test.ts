/**
 * The matrix of translation: every feature of every API at every target, over real sockets. Each cell is done (the
 * target's own schema takes the body, and the feature is in it), refused beforehand, or passed over and reported,
 * as the table in the code says, from which docs/reference/translation.md is written.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { Dialect } from '../../src/core/domain/chat.ts'
import { featureTable, passedOverBy, refusedBy, supportFor } from '../../src/core/domain/dialect-support.ts'
import { allFeatures, hasFeature } from '../../src/core/domain/feature.ts'
import type { Feature } from '../../src/core/domain/feature.ts'
import { asArray, asObject, asString } from '../../src/core/domain/json.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import type { Target } from '../../src/core/domain/target.ts'
import { eventually } from '../journeys/eventually.ts'
import { readRecords } from '../journeys/records.ts'
import { faultsOfBody } from '../support/provider-schemas/validate-body.ts'
import type { ReceivedRequest } from '../support/replaying-provider.ts'
import { anthropicFeatures } from './features/anthropic-features.ts'
import { chatFeatures } from './features/chat-features.ts'
import { cohereFeatures } from './features/cohere-features.ts'
import { companions, thought, token } from './features/feature-forms.ts'
import type { FeatureForm, FeatureForms } from './features/feature-forms.ts'
import { geminiFeatures } from './features/gemini-features.ts'
import { responsesFeatures } from './features/responses-features.ts'
import { targetLooks } from './features/target-looks.ts'
import type { Look } from './features/look.ts'
import { openTranslationStage, stageModels, targetOf } from './translation-stage.ts'
import type { StageModel, TranslationStage } from './translation-stage.ts'

const doors: Readonly<Record<Dialect, FeatureForms>> = {
  'openai-chat': chatFeatures,
  'openai-responses': responsesFeatures,
  'anthropic-messages': anthropicFeatures,
  'gemini-generate': geminiFeatures,
  'cohere-chat': cohereFeatures,
}

/** Members of cousins and of newer kinds, which the schema of the target itself does not know. */
const outsideOfSchema: ReadonlySet<string> = new Set([
  'openai-chat past_items_of_openai_chat openai-chat',
  'openai-chat items_of_openai_chat openai-chat',
  'openai-chat server_tools_of_openai_chat openai-chat',
  'openai-responses items_of_openai_responses openai-responses',
  'cohere-chat past_items_of_cohere cohere-chat',
  'cohere-chat items_of_cohere cohere-chat',
])

/** What a door takes beyond its API, and therefore fits even for a target of its own. */
const fittedNatively: ReadonlySet<string> = new Set([
  'media_in_answers openai-chat',
  'media_in_tool_results openai-chat',
  'developer_role cohere-chat',
  'media_in_answers cohere-chat',
])

let stage: TranslationStage
before(async () => {
  stage = await openTranslationStage()
})
after(async () => {
  await stage.close()
})

for (const [door, forms] of Object.entries(doors) as [Dialect, FeatureForms][]) {
  describe(`the ${door} API`, () => {
    it('says exactly the features that the table names a field for', () => {
      const said = allFeatures.filter((feature) => forms[feature])
      const named = allFeatures.filter((feature) => featureTable[feature].params?.[door] !== undefined)
      assert.deepEqual(said, named)
    })
    for (const model of stageModels) {
      describe(`asking ${model.name}`, () => {
        for (const feature of allFeatures) {
          const said = forms[feature]
          if (said) it(feature, () => checkCell({ door, model, feature, said }))
        }
      })
    }
  })
}

it('nothing was ever held for what was refused, and everything held was settled', () =>
  // The last settlement may still be on its way to the file.
  eventually(() => assert.deepEqual([...readRecords(stage.house.dataDir).heldNanoUsd.keys()], [])))

interface Cell {
  readonly door: Dialect
  readonly model: StageModel
  readonly feature: Feature
  readonly said: FeatureForm
}

async function checkCell(cell: Cell): Promise<void> {
  const target = targetOf(cell.model)
  const isNative = cell.door === cell.model.dialect
  const response = await send(cell, cell.model.name)
  const text = await response.text()
  const received = stage.taken()
  const refused = refusedBy(target, isNative)
  if (usedBy(cell).some((feature) => hasFeature(refused, feature))) {
    await checkRefusal(cell, response, text, received)
    return
  }
  assert.equal(response.status, 200, text)
  assert.equal(received.length, 1, 'the target was asked once')
  const body = asObject(received[0]?.body)
  assert.ok(body, 'the target was sent JSON')
  if (!outsideOfSchema.has(`${cell.door} ${cell.feature} ${cell.model.dialect}`)) {
    assert.deepEqual(faultsOfBody(cell.model.dialect, body), [], JSON.stringify(body))
  }
  checkReport(cell, target, response, body)
  if (!isNative || fittedNatively.has(`${cell.feature} ${cell.door}`)) checkLooks(cell, target, body)
  else if (!hasFeature(passedOverBy(target, true), cell.feature)) checkPassedThrough(cell, body)
}

function usedBy({ feature, said }: Cell): readonly Feature[] {
  return [feature, ...(companions[feature] ?? []), ...(said.also ?? [])]
}

function send({ door, said }: Pick<Cell, 'door' | 'said'>, model: string): Promise<Response> {
  const { body, isStreamed } = said
  switch (door) {
    case 'openai-chat':
      return stage.house.post('/v1/chat/completions', { model, ...body })
    case 'openai-responses':
      return stage.house.post('/v1/responses', { model, ...body })
    case 'anthropic-messages':
      return stage.house.post('/v1/messages', { model, ...body }, { 'anthropic-version': '2023-06-01' })
    case 'gemini-generate': {
      const method = isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return stage.house.post(`/v1beta/models/${model}:${method}`, body)
    }
    case 'cohere-chat':
      return stage.house.post('/v2/chat', { model, ...body })
  }
}

/** Nobody was asked; the error names the model, the feature in plain words, and models that can, which then do. */
async function checkRefusal(
  cell: Cell,
  response: Response,
  text: string,
  received: readonly ReceivedRequest[],
): Promise<void> {
  assert.ok(response.status === 400 || response.status === 422, `${response.status} ${text}`)
  assert.deepEqual(received, [], 'nobody was asked')
  assert.ok(text.includes(cell.model.name), text)
  const used = usedBy(cell)
  assert.ok(
    used.some((feature) => text.includes(JSON.stringify(featureTable[feature].words).slice(1, -1))),
    text,
  )
  const able = stageModels.filter(
    (model) =>
      !used.some((feature) => hasFeature(refusedBy(targetOf(model), model.dialect === cell.door), feature)),
  )
  if (able.length === 0) return
  const named = able.find((model) => text.includes(model.name))
  assert.ok(named, `none of ${able.map(({ name }) => name).join(', ')} is named: ${text}`)
  const second = await send(cell, named.name)
  assert.equal(second.status, 200, `${named.name} was named and cannot: ${await second.text()}`)
  assert.equal(stage.taken().length, 1)
}

function checkReport(cell: Cell, target: Target, response: Response, body: JsonObject): void {
  const dropped = (response.headers.get('x-signalbox-dropped') ?? '').split(',').filter(Boolean)
  const isNative = cell.door === cell.model.dialect
  const passedOver = passedOverBy(target, isNative)
  const names = usedBy(cell).flatMap((feature) => {
    const support = supportFor(target, feature)
    return hasFeature(passedOver, feature) && support.outcome === 'passed-over' ? [support.named] : []
  })
  assert.deepEqual(dropped.toSorted(), [...new Set(names)].toSorted(), 'what is said to be left out')
  if (names.length === 0 || !cell.feature.startsWith('thinking_')) return
  // The token of another provider must turn up nowhere, nor thinking as anybody's words.
  const text = JSON.stringify(body)
  assert.ok(!text.includes(token), text)
  if (!isNative) assert.ok(!text.includes(thought), text)
}

/** Every member of the caller's own body arrived as it was sent. */
function checkPassedThrough({ said }: Cell, body: JsonObject): void {
  const { max_tokens: _old, max_completion_tokens: _new, max_output_tokens: _cap, ...members } = said.body
  for (const [name, value] of Object.entries(members)) {
    if (name === 'generationConfig')
      assert.deepEqual({ ...asObject(body[name]), ...asObject(value) }, body[name])
    else if (name === 'include')
      for (const one of asArray(value)) assert.ok(asArray(body[name]).includes(one))
    else assert.deepEqual(body[name], value, name)
  }
}

function checkLooks(cell: Cell, target: Target, body: JsonObject): void {
  const support = supportFor(target, cell.feature)
  const looks = targetLooks[cell.model.dialect][cell.feature]
  if (support.outcome === 'passed-over' && !looks) return
  assert.ok(looks, `nobody looks for ${cell.feature} at ${cell.model.dialect}`)
  for (const look of looks) checkLook(look, body)
}

function checkLook(look: Look, body: JsonObject): void {
  const text = JSON.stringify(body)
  if (typeof look === 'string') assert.ok(text.includes(look), `${look} is not in ${text}`)
  else if ('nothingAt' in look) assert.equal(valueAt(body, look.nothingAt), undefined, text)
  else if ('isWithout' in look) assert.ok(!text.includes(look.isWithout), text)
  else assert.deepEqual(valueAt(body, look[0]), look[1], `${look[0]} in ${text}`)
}

function valueAt(body: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const name of path.split('.')) {
    value = /^\d+$/.test(name) ? asArray(value)[Number(name)] : asObject(value)?.[name]
  }
  return asString(value) ?? value
}
