/** Spot checks of the matrix at providers that copy chat completions, each with its own oddities. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { asArray, asObject } from '../../src/core/domain/json.ts'
import type { JsonObject } from '../../src/core/domain/json.ts'
import { openTranslationStage } from './translation-stage.ts'
import type { TranslationStage } from './translation-stage.ts'
import { anthropicFeatures } from './features/anthropic-features.ts'
import { chatFeatures } from './features/chat-features.ts'
import { thought } from './features/feature-forms.ts'
import type { FeatureForm } from './features/feature-forms.ts'

let stage: TranslationStage
before(async () => {
  stage = await openTranslationStage()
})
after(() => stage.close())

interface Told {
  readonly status: number
  readonly text: string
  readonly dropped: string | null
  /** What the provider was sent; undefined when it was not asked. */
  readonly sent: JsonObject | undefined
}

async function ask(path: string, model: string, form: FeatureForm | undefined): Promise<Told> {
  assert.ok(form)
  const response = await stage.house.post(path, { model, ...form.body })
  const text = await response.text()
  const [request] = stage.taken()
  const dropped = response.headers.get('x-signalbox-dropped')
  return { status: response.status, text, dropped, sent: asObject(request?.body) }
}

const chat = (model: string, form: FeatureForm | undefined) => ask('/v1/chat/completions', model, form)
const claude = (model: string, form: FeatureForm | undefined) => ask('/v1/messages', model, form)

describe('Mistral', () => {
  it('is sent the seed under its own name, and no end user, which is reported', async () => {
    const seed = await chat('to-mistral', chatFeatures.seed)
    assert.deepEqual([seed.sent?.['random_seed'], seed.sent?.['seed'], seed.dropped], [7, undefined, null])
    for (const told of [
      await chat('to-mistral', chatFeatures.end_user),
      await claude('to-mistral', anthropicFeatures.end_user),
    ]) {
      assert.equal(told.status, 200, told.text)
      assert.equal(told.sent?.['user'], undefined)
      assert.equal(told.dropped, 'user')
    }
  })
  it('is sent ids of nine letters, the same for the call and its result', async () => {
    for (const told of [
      await chat('to-mistral', chatFeatures.tool_results),
      await claude('to-mistral', anthropicFeatures.tool_results),
    ]) {
      const [, answer, result] = asArray(told.sent?.['messages']).map(asObject)
      const id = asObject(asArray(answer?.['tool_calls'])[0])?.['id']
      assert.match(typeof id === 'string' ? id : '', /^[A-Za-z0-9]{9}$/)
      assert.equal(result?.['tool_call_id'], id)
    }
  })
  it('is asked for a stream without stream_options', async () => {
    const told = await chat('to-mistral', chatFeatures.streaming)
    assert.equal(told.sent?.['stream'], true)
    assert.equal(told.sent['stream_options'], undefined)
  })
})

describe('DeepSeek', () => {
  it('gets back what it thought, which the others do not', async () => {
    const told = await chat('to-deepseek', chatFeatures.thinking_without_token)
    assert.ok(JSON.stringify(told.sent).includes(`"reasoning_content":"${thought}"`))
    assert.equal(told.dropped, null)
    const other = await chat('to-groq', chatFeatures.thinking_without_token)
    assert.ok(!JSON.stringify(other.sent).includes(thought))
    assert.equal(other.dropped, 'messages.reasoning')
  })
})

for (const model of ['to-groq', 'to-ollama', 'to-mistral', 'to-deepseek', 'to-openrouter']) {
  describe(model, () => {
    it('is given a tool of free text as a function, in the history too', async () => {
      const { status, text, sent } = await chat(model, chatFeatures.custom_tools)
      assert.equal(status, 200, text)
      const body = JSON.stringify(sent)
      assert.ok(!body.includes('"custom"'), body)
      assert.ok(body.includes(String.raw`"arguments":"{\"input\":\"select \\\"otters\\\"\"}"`), body)
    })
    it('refuses text of a grammar, naming OpenAI', async () => {
      const { status, text, sent } = await chat(model, chatFeatures.custom_grammar)
      assert.equal(status, 400)
      assert.equal(sent, undefined)
      assert.match(text, /to-chat/)
    })
    it('knows top_k, or refuses it beforehand', async () => {
      for (const told of [
        await chat(model, chatFeatures.top_k),
        await claude(model, anthropicFeatures.top_k),
      ]) {
        if (model === 'to-openrouter') assert.equal(told.sent?.['top_k'], 9, told.text)
        else assert.deepEqual([told.status, told.sent], [400, undefined])
      }
    })
    it('is told of where to cache only where it knows the marks', async () => {
      const { sent, dropped } = await chat(model, chatFeatures.cache_hints)
      const isKept = model === 'to-openrouter'
      assert.equal(JSON.stringify(sent).includes('cache_control'), isKept)
      assert.equal(dropped, isKept ? null : 'cache_control')
    })
    it('is sent a developer’s word in a role that it knows', async () => {
      const { sent } = await chat(model, chatFeatures.developer_role)
      const role = asObject(asArray(sent?.['messages'])[0])?.['role']
      assert.equal(role, model === 'to-openrouter' ? 'developer' : 'system')
    })
  })
}

describe('a model that sees video at a provider of chat completions', () => {
  it('is given the address of one', async () => {
    const { sent } = await chat('to-openrouter', chatFeatures.video_address)
    assert.ok(JSON.stringify(sent).includes('"video_url"'))
  })
})
