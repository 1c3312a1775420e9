/** A start without keys, for people and machines that look at it: reference, health, metrics, models. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readExposition } from '#tests/journeys/exposition.ts'
import { endingRow, soonWritten } from '#tests/journeys/records.ts'
import { startHouse } from '#tests/support/running-house.ts'
import type { RunningHouse } from '#tests/support/running-house.ts'

type Json = Readonly<Record<string, unknown>>

let house: RunningHouse
before(async () => {
  house = await startHouse({
    yaml: `${soonWritten}simulation: {first_token_ms: 0, tokens_per_second: 100000}`,
  })
})
after(() => house.close())

const getJson = async (path: string): Promise<Json> => {
  const response = await house.get(path)
  assert.equal(response.status, 200, path)
  return (await response.json()) as Json
}
const getText = async (path: string): Promise<string> => {
  const response = await house.get(path)
  assert.equal(response.status, 200, path)
  return response.text()
}
const entriesOf = (value: unknown) => Object.entries((value ?? {}) as Readonly<Record<string, Json>>)

/** Every object below a value, with its place. */
function* objectsIn(value: unknown, place = ''): Generator<readonly [string, Json]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [place, value as Json]
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, `${place}/${key}`)
}

function at(document: Json, pointer: string): unknown {
  let value: unknown = document
  for (const step of pointer.replace(/^#\//, '').split('/')) {
    value = (value as Json | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return value
}

describe('the reference', () => {
  it('is a page with its script, and needs nothing from elsewhere', async () => {
    const page = await getText('/docs')
    const script = /src="(\/[^"]+\.js)"/.exec(page)?.[1]
    assert.ok(script)
    assert.ok((await getText(script)).length > 100_000)
    assert.doesNotMatch(page, /(?:src|href)="https?:/)
  })

  it('has every route of the table, and no other', async () => {
    const document = await getJson('/docs/openapi.json')
    const table = (await getJson('/'))['endpoints'] as readonly {
      readonly method: string
      readonly path: string
    }[]
    const listed = table.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).sort()
    const described = entriesOf(document['paths']).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => method !== 'head')
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(described.sort(), listed)
    assert.ok(listed.includes('POST /v1/generate') && listed.includes('GET /admin/v1/usage'))
  })

  it('is a valid OpenAPI 3.1 document', async () => {
    const document = await getJson('/docs/openapi.json')
    assert.match(String(document['openapi']), /^3\.1\.\d+$/)
    const info = document['info'] as Json
    assert.ok(typeof info['title'] === 'string' && typeof info['version'] === 'string')
    for (const [place, object] of objectsIn(document)) {
      const pointer = object['$ref']
      if (typeof pointer === 'string')
        assert.notEqual(at(document, pointer), undefined, `${place}: ${pointer}`)
    }
    const operationIds = new Set<unknown>()
    for (const [path, item] of entriesOf(document['paths'])) {
      assert.ok(path.startsWith('/'))
      for (const [method, operation] of entriesOf(item)) {
        checkOperation(`${method} ${path}`, operation)
        const id = operation['operationId']
        assert.ok(id === undefined || !operationIds.has(id), `${String(id)} is unique`)
        operationIds.add(id)
      }
    }
  })

  it('describes bodies with schemas that are schemas, and that fit what is really answered', async () => {
    const document = await getJson('/docs/openapi.json')
    const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false })
    ajv.addSchema({ $id: 'doc', ...document })
    const answerOf = (path: string, method: string, status: string) =>
      ajv.compile({
        $ref: `doc#/paths/${path.replaceAll('/', '~1')}/${method}/responses/${status}/content/application~1json/schema`,
      })
    const cases = [
      ['/v1/models', 'get', '200', await getJson('/v1/models')],
      ['/health', 'get', '200', await getJson('/health')],
      ['/admin/v1/usage', 'get', '200', await getJson('/admin/v1/usage')],
      ['/v1/generate', 'post', '200', await (await house.post('/v1/generate', { prompt: 'Hi' })).json()],
    ] as const
    for (const [path, method, status, body] of cases) {
      const validate = answerOf(path, method, status)
      assert.ok(validate(body), `${method} ${path}: ${JSON.stringify(validate.errors)}`)
    }
    const request = ajv.compile({
      $ref: 'doc#/paths/~1v1~1generate/post/requestBody/content/application~1json/schema',
    })
    assert.ok(request({ prompt: 'Hi', user_id: 'u', task_type: 'chat', max_tokens: 5 }))
    assert.ok(!request({ prompt: 5 }))
  })
})

function checkOperation(place: string, operation: Json): void {
  const responses = entriesOf(operation['responses'])
  assert.ok(responses.length > 0, `${place} has responses`)
  for (const [status, response] of responses) {
    assert.match(status, /^(?:[1-5](?:\d\d|XX)|default)$/, place)
    assert.equal(typeof response['description'], 'string', `${place} ${status} is described`)
  }
  const parameters = (operation['parameters'] ?? []) as readonly Json[]
  const inPath = parameters.filter((parameter) => parameter['in'] === 'path')
  for (const parameter of inPath) assert.equal(parameter['required'], true)
  const inPlace = [...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  assert.deepEqual(new Set(inPath.map((parameter) => parameter['name'])), new Set(inPlace), place)
}

describe('health', () => {
  it('says that it is well, and that answers are simulated', async () => {
    const health = await getJson('/health')
    assert.equal(health['status'], 'ok')
    assert.equal(health['mode'], 'development')
    assert.equal(health['simulated'], true)
    assert.equal((await getJson('/livez'))['status'], 'ok')
    assert.equal((await getJson('/readyz'))['status'], 'ok')
    const details = await getJson('/health/detailed')
    assert.equal(details['simulating'], true)
    assert.ok((details['providers'] as readonly Json[]).every((provider) => provider['live'] === false))
  })

  it('answers HEAD without a body', async () => {
    for (const path of ['/health', '/livez', '/readyz']) {
      const response = await fetch(house.address + path, { method: 'HEAD' })
      assert.equal(response.status, 200, path)
      assert.equal(await response.text(), '')
    }
  })
})

describe('the metrics', () => {
  it('are a valid exposition, and its counters move by what was done', async () => {
    const ask = async () => {
      const response = await house.post('/v1/generate', {
        prompt: 'Count me.',
        model: 'claude-sonnet-5',
        cache: false,
      })
      const answer = (await response.json()) as { readonly id: string; readonly cost: number }
      await endingRow(house, answer.id)
      return answer
    }
    await ask()
    const earlier = readExposition(await getText('/metrics'))
    const answer = await ask()
    await house.post('/v1/generate', { prompt: '' })
    const later = readExposition(await getText('/metrics'))
    const moved = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      later.sum(name, labels) - earlier.sum(name, labels)
    assert.equal(moved('signalbox_requests_total', { model: 'claude-sonnet-5' }), 1)
    assert.equal(moved('signalbox_request_duration_seconds_count', { model: 'claude-sonnet-5' }), 1)
    assert.equal(moved('signalbox_attempts_total', { outcome: 'ok' }), 1)
    assert.ok(Math.abs(moved('signalbox_cost_usd_total', { model: 'claude-sonnet-5' }) - answer.cost) < 1e-9)
    assert.ok(moved('signalbox_tokens_total', { kind: 'output' }) > 0)
    assert.equal(later.types.get('signalbox_requests_total'), 'counter')
    assert.equal(later.sum('signalbox_requests_in_flight'), 0)
    assert.equal(later.sum('signalbox_open_streams'), 0)
  })
})

describe('the list of models', () => {
  it('says what each can do and costs, and that it is simulated here', async () => {
    const models = (await getJson('/v1/models'))['data'] as readonly Json[]
    assert.ok(models.length > 50)
    for (const model of models) {
      assert.equal(model['available'], true, String(model['id']))
      assert.equal(model['simulated'], true, String(model['id']))
    }
    const sonnet = models.find((model) => model['id'] === 'claude-sonnet-5')
    assert.ok(sonnet)
    const pricing = sonnet['pricing'] as Json
    assert.ok(Number(pricing['input']) > 0 && Number(pricing['output']) > Number(pricing['input']))
    assert.ok((sonnet['abilities'] as readonly string[]).includes('image_input'))
    assert.ok((sonnet['aliases'] as readonly string[]).includes('claude-3-sonnet-20240229'))
  })
})
