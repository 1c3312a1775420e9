/** Gemini's schemas as JSON Schema. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { jsonSchemaOf } from '#http/gemini/openapi-schema.ts'

const read = (value: JsonObject) => jsonSchemaOf({ value, path: 'schema' })

test('types are written small, numbers may be text, and what orders properties is left out', () => {
  assert.deepEqual(
    read({
      type: 'OBJECT',
      propertyOrdering: ['a', 'b'],
      properties: {
        a: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int32' }, min_items: '1', maxItems: 3 },
        b: { any_of: [{ type: 'STRING' }, { type: 'NUMBER' }], description: 'One of two.' },
      },
      required: ['a'],
    }),
    {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'integer', format: 'int32' }, minItems: 1, maxItems: 3 },
        b: { anyOf: [{ type: 'string' }, { type: 'number' }], description: 'One of two.' },
      },
      required: ['a'],
    },
  )
})

test('what may be null says so in the type, and in the list of values', () => {
  assert.deepEqual(read({ type: 'STRING', nullable: true, enum: ['a'], format: 'enum' }), {
    type: ['string', 'null'],
    enum: ['a', null],
  })
  assert.deepEqual(read({ anyOf: [{ type: 'STRING' }], nullable: true }), {
    anyOf: [{ type: 'string' }, { type: 'null' }],
  })
  assert.deepEqual(read({ type: 'STRING', nullable: false }), { type: 'string' })
})

test('plain JSON Schema is left as it is', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { a_b: { type: ['string', 'null'], const: 'x' } },
    additionalProperties: false,
  }
  assert.deepEqual(read(schema), schema)
  assert.deepEqual(read({ type: 'STRING', example: 'a' }), { type: 'string', examples: ['a'] })
})

test('a wrong member is named with its path', () => {
  const cases: ReadonlyArray<readonly [JsonObject, string]> = [
    [{ properties: { a: { items: { type: 'WORD' } } } }, 'schema.properties.a.items.type'],
    [{ properties: [] }, 'schema.properties'],
    [{ required: [1] }, 'schema.required'],
    [{ nullable: 'yes' }, 'schema.nullable'],
    [{ minLength: 'long' }, 'schema.minLength'],
  ]
  for (const [schema, param] of cases) {
    assert.throws(
      () => read(schema),
      (thrown) => thrown instanceof Problem && thrown.details.param === param,
    )
  }
})
