/** Requests that are wrong in ways that nobody thought of: each is a question or a Problem that names its place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#core/domain/problem.ts'
import { writeCarriedToken } from '#http/carried-token.ts'
import { readChatQuestion } from '#http/cohere/chat-question.ts'
import { chatRequest } from '#http/cohere/chat-schema.ts'
import { readJsonBody } from '#http/json-body.ts'
import { parseWith } from '#http/schema-problem.ts'

const carried = writeCarriedToken([{ origin: 'gemini-generate', kind: 'thought_signature', value: 's' }])
const good = {
  model: 'm',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/x.png' } }] },
    {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: 'Hm', carried }],
      tool_plan: 'I look.',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, carried }],
    },
    {
      role: 'tool',
      tool_call_id: 'a',
      content: [{ type: 'document', document: { id: '1', data: { x: 1 } } }],
    },
  ],
  documents: ['x', { id: '1', data: { title: 't', text: 'u' } }],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
  response_format: { type: 'json_object', json_schema: {} },
  citation_options: { mode: 'FAST' },
  thinking: { type: 'enabled', token_budget: 5 },
  stop_sequences: ['a'],
}

/** The good request with one value somewhere inside exchanged. */
function spoiled(value: unknown, steps: readonly number[], instead: unknown): unknown {
  const [step = 0, ...rest] = steps
  if (typeof value !== 'object' || value === null || steps.length === 0) return instead
  const names = Object.keys(value)
  const name = names[step % names.length]
  if (name === undefined) return instead
  const inner = spoiled((value as Readonly<Record<string, unknown>>)[name], rest, instead)
  if (Array.isArray(value)) return (value as readonly unknown[]).with(Number(name), inner)
  return { ...value, [name]: inner }
}

test('a request with anything in any place is read or refused by name', () => {
  const steps = fc.array(fc.nat(12), { minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(steps, fc.jsonValue({ maxDepth: 2 }), (path, instead) => {
      const json = JSON.stringify(spoiled(good, path, instead))
      try {
        const body = readJsonBody(Buffer.from(json))
        const question = readChatQuestion(parseWith(chatRequest, body.value), body)
        // Nothing of ours goes on to Cohere, and what does is whole.
        assert.ok(!question.native?.text.includes('signalbx'))
        assert.deepEqual(JSON.parse(question.native?.text ?? ''), question.native?.body)
      } catch (thrown) {
        assert.ok(thrown instanceof Problem, String(thrown))
        assert.equal(thrown.kind.fault, 'caller')
        assert.ok(thrown.details.param !== undefined || thrown.code === 'invalid_json', thrown.message)
      }
    }),
    { numRuns: 600 },
  )
})
