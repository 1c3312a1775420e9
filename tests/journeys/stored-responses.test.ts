/** The store of responses over real sockets, by the official client: what is kept, for whom, and what is not. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type OpenAI from 'openai'
import type { Response } from 'openai/resources/responses/responses'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import { adminKey, bearer } from '#tests/journeys/key-ring.ts'
import {
  claude,
  clientOf,
  gpt,
  isStored,
  itemsOf,
  missing,
  missingBefore,
  openKeepingStage,
  textOf,
  told,
} from '#tests/journeys/keeping-stage.ts'
import type { KeepingStage } from '#tests/journeys/keeping-stage.ts'
import { assertNothingHeld } from '#tests/journeys/records.ts'
import { replyBytes } from '#tests/support/recording.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

let stage: KeepingStage
before(async () => {
  stage = await openKeepingStage()
})
after(() => stage.close())

describe('one instance', () => {
  let house: RunningHouse
  let client: OpenAI
  before(async () => {
    house = await stage.openHouse('responses: {store: on, response_bytes_max: 20000}')
    client = await clientOf(house)
  })
  after(() => house.close())
  const model = claude.model
  const ask = (input: string, more = {}): Promise<Response> =>
    client.responses.create({ model, input, ...more })

  test('a response is fetched as it was answered, and says that it is stored', async () => {
    stage.play(textOf(claude))
    const metadata = { order: '4711' }
    const response = await ask('Hello', { metadata, instructions: 'Be brief.' })
    assert.equal(isStored(response), true)
    const answered = told(response)
    const {
      output_text: _again,
      _request_id: _other,
      ...fetched
    } = await client.responses.retrieve(response.id)
    assert.deepEqual(fetched, answered)
    assert.deepEqual(fetched['metadata'], metadata)
    await assertNothingHeld(house, bearer(adminKey))
  })

  test('the next request goes on from it: everything said before is asked, the instructions are not', async () => {
    stage.play(textOf(claude))
    const first = await ask('Who was Ada?', { instructions: 'Speak like a pirate.' })
    const second = await ask('And Grace?', { previous_response_id: first.id })
    assert.equal(second.previous_response_id, first.id)
    const sent = JSON.stringify(stage.asked())
    assert.deepEqual(
      asArray(stage.asked()?.['messages']).map((message) => asObject(message)?.['role']),
      ['user', 'assistant', 'user'],
    )
    for (const words of ['Who was Ada?', 'And Grace?']) assert.ok(sent.includes(words))
    assert.ok(!sent.includes('pirate'))
    const third = await ask('And Alan?', { previous_response_id: second.id, instructions: 'Be brief.' })
    assert.equal(asArray(stage.asked()?.['messages']).length, 5)
    assert.ok(JSON.stringify(stage.asked()).includes('Be brief.'))

    const listed = await itemsOf(client, third.id)
    assert.equal(listed.length, 5)
    assert.partialDeepStrictEqual(listed[0], {
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [{ type: 'input_text', text: 'Who was Ada?' }],
    })
    assert.partialDeepStrictEqual(listed[1], { type: 'message', role: 'assistant', id: first.output[0]?.id })
  })

  test('the items of its input come in pages', async () => {
    const input = Array.from({ length: 5 }, (_, at) => ({ role: 'user' as const, content: `number ${at}` }))
    const { id } = await client.responses.create({ model, input })
    const numbers = (items: readonly object[]) =>
      items.map((item) => /number (\d)/.exec(JSON.stringify(item))?.[1]).join('')
    assert.equal(numbers(await itemsOf(client, id, { limit: 2 })), '01234', 'page by page')
    const pageOf = async (query: string) => {
      const page = asObject(await client.get(`/responses/${id}/input_items?${query}`))
      return { ...page, data: asArray(page?.['data']).map((item) => asObject(item) ?? {}) }
    }
    const page = await pageOf('limit=2')
    const [first, second] = page.data
    assert.equal(numbers(page.data), '43', 'the newest first unless told otherwise')
    const ends = { first_id: first?.['id'], last_id: second?.['id'] }
    assert.partialDeepStrictEqual(page, { ...ends, object: 'list', has_more: true })
    const last = await pageOf(`limit=3&after=${asString(second?.['id'])}`)
    assert.equal(numbers(last.data), '210')
    assert.partialDeepStrictEqual(last, { has_more: false })
    for (const query of [{ limit: 0 }, { limit: 101 }, { after: 'msg_unknown' }]) {
      await assert.rejects(() => itemsOf(client, id, query), { status: 400 })
    }
  })

  test('a streamed response is there as soon as its last event is', async () => {
    stage.play(textOf(claude, true))
    let whole: Response | undefined
    for await (const event of await client.responses.create({ model, input: 'Hello', stream: true })) {
      if (event.type === 'response.created') assert.equal(isStored(event.response), true)
      if (event.type !== 'response.completed') continue
      whole = event.response
      const fetched = told(await client.responses.retrieve(whole.id))
      assert.deepEqual(fetched, told(whole))
    }
    assert.ok(whole)
  })

  test('a stream that breaks off is not kept', async () => {
    const recording = textOf(claude, true)
    stage.play({ recording, cut: { afterBytes: replyBytes(recording.reply).length - 60, how: 'rst' } })
    const stream = await client.responses.create({ model, input: 'Hello', stream: true })
    let id = ''
    await assert.rejects(async () => {
      for await (const event of stream) if (event.type === 'response.created') id = event.response.id
    })
    assert.match(id, /^resp_/)
    await assert.rejects(() => client.responses.retrieve(id), { status: 404 })
  })

  for (const isStreamed of [false, true]) {
    test(`OpenAI's own answers are kept here, ${isStreamed ? 'streamed' : 'whole'}, and nothing is stored or looked up there`, async () => {
      stage.play(textOf(gpt, isStreamed))
      const question = { model: gpt.model, input: 'Hello', store: true }
      let first: Response | undefined
      if (!isStreamed) first = await client.responses.create(question)
      else {
        for await (const event of client.responses.stream({ ...question, stream: true })) {
          if (event.type === 'response.completed') first = event.response
        }
      }
      assert.ok(first)
      assert.equal(isStored(first), true)
      assert.equal(stage.asked()?.['store'], false)
      assert.deepEqual(stage.asked()?.['include'], ['reasoning.encrypted_content'])
      assert.equal((await client.responses.retrieve(first.id)).id, first.id)
      stage.play(textOf(gpt))
      await client.responses.create({ model: gpt.model, input: 'More', previous_response_id: first.id })
      assert.equal(stage.asked()?.['store'], false)
      assert.equal(stage.asked()?.['previous_response_id'], null)
      const sent = asArray(stage.asked()?.['input']).map(asObject)
      assert.deepEqual(sent[0], { role: 'user', content: 'Hello' })
      assert.deepEqual(sent.at(-1), { role: 'user', content: 'More' })
      const replayed = first.output.filter((item) => item.type !== 'reasoning' || item.encrypted_content)
      assert.deepEqual(sent.slice(1, -1), JSON.parse(JSON.stringify(replayed)))
    })
  }

  test('a conversation moves from one provider to another', async () => {
    stage.play(textOf(gpt))
    const first = await client.responses.create({ model: gpt.model, input: 'Hello' })
    stage.play(textOf(claude))
    await ask('More', { previous_response_id: first.id })
    assert.equal(asArray(stage.asked()?.['messages']).length, 3)
  })

  test('an item is pointed at by its id', async () => {
    stage.play(textOf(claude))
    const first = await ask('Hello')
    const id = first.output[0]?.id ?? ''
    const again = (reference: string) =>
      client.responses.create({
        model,
        input: [
          { role: 'user', content: 'Hello' },
          { type: 'item_reference', id: reference },
          { role: 'user', content: 'More' },
        ],
      })
    await again(id)
    const [, answer] = asArray(stage.asked()?.['messages'])
    assert.ok(JSON.stringify(answer).includes(JSON.stringify(first.output_text).slice(1, -1)))
    const before = stage.count()
    await assert.rejects(() => again('msg_unknown'), {
      status: 404,
      param: 'input',
      message: /Item with id 'msg_unknown' not found\./,
    })
    await client.responses.delete(first.id)
    await assert.rejects(() => again('msg_unknown'), { status: 404 })
    assert.equal(stage.count(), before, 'nobody was asked')
  })

  test('what is asked of tokens counts the conversation before', async () => {
    stage.play(textOf(claude))
    const first = await ask('Hello '.repeat(300))
    const count = async (more: object) => {
      const body = { model: claude.model, input: 'More', ...more }
      return client.post<{ input_tokens: number }>('/responses/input_tokens', { body })
    }
    stage.play({ ...textOf(claude), reply: { status: 200, headers: {}, body: { input_tokens: 77 } } })
    await count({ previous_response_id: first.id })
    assert.equal(asArray(stage.asked()?.['messages']).length, 3)
    await count({})
    assert.equal(asArray(stage.asked()?.['messages']).length, 1)
  })

  test('who asks that nothing be stored leaves nothing, and may go on from what is', async () => {
    stage.play(textOf(claude))
    const kept = await ask('Hello')
    const unkept = await ask('More', { store: false, previous_response_id: kept.id })
    assert.equal(isStored(unkept), false)
    assert.equal(unkept.previous_response_id, kept.id)
    assert.equal(asArray(stage.asked()?.['messages']).length, 3)
    await assert.rejects(() => client.responses.retrieve(unkept.id), missing(unkept.id))
    await assert.rejects(() => ask('x', { previous_response_id: unkept.id }), missingBefore(unkept.id))
  })

  test('what was deleted is gone; what went on from it stays whole', async () => {
    stage.play(textOf(claude))
    const first = await ask('Hello')
    const second = await ask('More', { previous_response_id: first.id })
    const deleted = await client.delete<object>(`/responses/${first.id}`)
    assert.deepEqual({ ...deleted }, { id: first.id, object: 'response', deleted: true })
    for (const again of [
      () => client.responses.retrieve(first.id),
      () => client.responses.delete(first.id),
      () => client.responses.inputItems.list(first.id),
      () => client.responses.cancel(first.id),
    ]) {
      await assert.rejects(again, missing(first.id))
    }
    await assert.rejects(() => ask('x', { previous_response_id: first.id }), missingBefore(first.id))
    await ask('And more', { previous_response_id: second.id })
    assert.equal(asArray(stage.asked()?.['messages']).length, 5)
    await assert.rejects(() => client.responses.cancel(second.id), {
      status: 400,
      message: /Cannot cancel a synchronous response\./,
    })
  })

  test("another tenant's and another key's responses are not there; a user's keys share theirs", async () => {
    stage.play(textOf(claude))
    const owner = await clientOf(house, { tenant_id: 'acme', user_id: 'ann' })
    const again = await clientOf(house, { tenant_id: 'acme', user_id: 'ann' })
    const strangers = [
      client,
      await clientOf(house, { tenant_id: 'acme' }),
      await clientOf(house, { tenant_id: 'acme', user_id: 'bob' }),
      await clientOf(house, { tenant_id: 'beta', user_id: 'ann' }),
    ]
    const { id, output } = await owner.responses.create({ model, input: 'Hello' })
    for (const stranger of strangers) {
      await assert.rejects(() => stranger.responses.retrieve(id), missing(id))
      await assert.rejects(() => stranger.responses.inputItems.list(id), missing(id))
      await assert.rejects(() => stranger.responses.delete(id), missing(id))
      await assert.rejects(
        () => stranger.responses.create({ model, input: 'x', previous_response_id: id }),
        missingBefore(id),
      )
      const input = [{ type: 'item_reference' as const, id: output[0]?.id ?? '' }]
      await assert.rejects(() => stranger.responses.create({ model, input }), { status: 404 })
    }
    assert.equal((await again.responses.retrieve(id)).id, id)
  })

  test('what is too large is answered, and says that it is not stored', async () => {
    stage.play(textOf(claude))
    const response = await ask('word '.repeat(5_000))
    assert.equal(isStored(response), false)
    await assert.rejects(() => client.responses.retrieve(response.id), missing(response.id))
    const metrics = await (await house.get('/metrics', bearer(adminKey))).text()
    assert.match(metrics, /^signalbox_responses_not_kept_total 1$/m)
    assert.match(metrics, /^signalbox_responses_kept_total \d\d+$/m)
  })

  test('conversations, background and kept prompts are still refused', async () => {
    for (const more of [{ conversation: 'conv_1' }, { background: true }, { prompt: { id: 'pmpt_1' } }]) {
      await assert.rejects(() => ask('Hello', more), { status: 400, code: 'unsupported_feature' })
    }
    const { id } = await ask('Hello')
    await assert.rejects(async () => client.get(`/responses/${id}?stream=true`), {
      status: 400,
      param: 'stream',
    })
  })
})
