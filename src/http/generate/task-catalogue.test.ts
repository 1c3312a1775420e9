/** Task types: every spelling means one thing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#core/domain/problem.ts'
import { canonicalTaskType, taskTypeNames, taskTypes } from '#http/generate/task-catalogue.ts'

test('no spelling belongs to two task types', () => {
  const seen = new Map<string, string>()
  for (const name of taskTypeNames) {
    for (const spelling of [name, ...taskTypes[name].synonyms]) {
      const plain = spelling.toLowerCase().replace(/[\s_-]/g, '')
      assert.equal(seen.get(plain) ?? name, name, spelling)
      seen.set(plain, name)
    }
  }
})

test('case, spaces, hyphens and underscores do not matter', () => {
  for (const spelling of ['code_generation', 'Code Generation', 'CODE-GENERATION', 'codeGeneration']) {
    assert.equal(canonicalTaskType(spelling, 'task_type'), 'code')
  }
  assert.equal(canonicalTaskType('qa', 'task_type'), 'question_answering')
  assert.equal(canonicalTaskType('text_generation', 'task_type'), 'writing')
  assert.equal(canonicalTaskType('simple', 'task_type'), 'general')
  assert.equal(canonicalTaskType('complex', 'task_type'), 'reasoning')
})

test('an unknown type lists the known ones and the nearest', () => {
  for (const wrong of ['clasification', 'x'.repeat(5_000), '', '__proto__', 'constructor']) {
    assert.throws(
      () => canonicalTaskType(wrong, 'task_type'),
      (thrown: unknown) => {
        assert.ok(thrown instanceof Problem)
        assert.equal(thrown.code, 'unknown_task_type')
        assert.deepEqual(thrown.details.facts?.['task_types'], taskTypeNames)
        if (wrong.startsWith('clas')) assert.equal(thrown.details.nearest?.[0], 'classification')
        return true
      },
    )
  }
})
