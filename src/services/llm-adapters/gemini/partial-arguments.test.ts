import assert from 'node:assert/strict'
import { it } from 'node:test'

import fc from 'fast-check'

import { asObject, parseJson } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { createPartialArguments } from '#services/llm-adapters/gemini/partial-arguments.ts'

/** A value's leaves in order, as Vertex sends them; strings in two pieces. */
function piecesOf(value: JsonValue, path: string): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue, at) => piecesOf(item, `${path}[${at}]`))
  const members = asObject(value)
  if (members) {
    return Object.entries(members).flatMap(([name, member]) =>
      piecesOf(member ?? null, `${path}['${name.replaceAll(/['\\]/g, '\\$&')}']`),
    )
  }
  if (typeof value === 'string') {
    const half = Math.floor(value.length / 2)
    return [
      { jsonPath: path, stringValue: value.slice(0, half), willContinue: true },
      { jsonPath: path, stringValue: value.slice(half) },
    ]
  }
  if (typeof value === 'number') return [{ jsonPath: path, numberValue: value }]
  return [
    typeof value === 'boolean'
      ? { jsonPath: path, boolValue: value }
      : { jsonPath: path, nullValue: 'NULL_VALUE' },
  ]
}

it('arguments sent leaf by leaf are the arguments again, whatever their names', () => {
  const { argument } = fc.letrec<{ argument: JsonValue }>((tie) => ({
    argument: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.string(),
      fc.boolean(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('argument'), { minLength: 1, maxLength: 4 }),
      fc.dictionary(fc.string(), tie('argument'), { minKeys: 1, maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), argument, { maxKeys: 4 }), (whole) => {
      const pieces = createPartialArguments()
      for (const piece of piecesOf(whole, '$')) pieces.add([piece])
      assert.deepEqual(parseJson(pieces.text()), parseJson(JSON.stringify(whole)))
    }),
  )
})

it('a path that leads nowhere is malformed', () => {
  for (const jsonPath of ['a', '$a', '$.a[', '$.a[99999]', "$['a", `$${'.a'.repeat(65)}`]) {
    assert.throws(
      () => createPartialArguments().add([{ jsonPath, numberValue: 1 }]),
      (thrown) => thrown instanceof Problem && thrown.code === 'provider_malformed',
      jsonPath,
    )
  }
})
