/** A schema's complaint as a Problem: which field, what was wrong with it, what would be right. */
import type { z } from 'zod'
import { Problem } from '#core/domain/problem.ts'

type Issue = z.core.$ZodIssue

/** The value as its schema describes it. Throws `missing_field`, `unknown_field` or `invalid_value` with `param`. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, prefix = ''): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw schemaProblem(result.error.issues, value, prefix)
}

export function schemaProblem(issues: readonly Issue[], value: unknown, prefix = ''): Problem {
  const [first] = issues
  if (!first) return new Problem('invalid_value')
  const { issue, path } = deepest(first, [])
  const param = pathText(path, prefix)
  if (issue.code === 'unrecognized_keys') {
    const unknown = pathText([...path, issue.keys[0] ?? ''], prefix)
    return new Problem('unknown_field', { param: unknown, detail: `The field ${unknown} is not known.` })
  }
  if (issue.code === 'invalid_type' && valueAt(value, path) === undefined) {
    return new Problem('missing_field', {
      param,
      detail: `${param} is required.`,
    })
  }
  return new Problem('invalid_value', {
    param,
    detail: `${param || 'The value'} is not valid: ${sentenceOf(issue)}.`,
  })
}

interface Found {
  readonly issue: Issue
  readonly path: readonly PropertyKey[]
}

/** Of a union's complaints, the one that got furthest: the caller most likely meant that form. */
function deepest(issue: Issue, before: readonly PropertyKey[]): Found {
  const path = [...before, ...issue.path]
  let found: Found = { issue, path }
  if (issue.code !== 'invalid_union') return found
  for (const [inner] of issue.errors) {
    if (!inner) continue
    const candidate = deepest(inner, path)
    if (candidate.path.length > found.path.length) found = candidate
  }
  return found
}

function pathText(path: readonly PropertyKey[], prefix: string): string {
  let text = prefix
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? String(step) : `.${String(step)}`
  }
  return text
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Readonly<Record<PropertyKey, unknown>>)[step]
  }
  return at
}

function sentenceOf(issue: Issue): string {
  if (issue.code === 'invalid_union') {
    const wanted = issue.errors.flatMap(([inner]) => (inner ? [sentenceOf(inner)] : []))
    const distinct = [...new Set(wanted)]
    if (distinct.length > 0) return distinct.slice(0, 4).join(', or ')
  }
  const text = issue.message.replace(/^Invalid (?:input|option): /, '').replace(/\.$/, '')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
