/** What a schema finds wrong, in plain sentences with the name that was probably meant. */
import { z } from 'zod'
import type { ConfigFault, ConfigPath } from '#config/fault.ts'
import { nearestNames } from '#core/domain/nearest-names.ts'

type Issue = z.core.$ZodIssue

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
}

/** One fault for each thing that is wrong; a union is judged by the form that comes nearest. */
export function schemaFaults(error: z.ZodError, schema: z.ZodType): ConfigFault[] {
  const known = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return error.issues.flatMap((issue) => faultsOf(issue, known, []))
}

function faultsOf(issue: Issue, known: JsonSchema, around: ConfigPath): ConfigFault[] {
  const path = [...around, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], known))
  if (issue.code === 'invalid_union') {
    if (issue.message !== 'Invalid input') return [{ path, reason: issue.message }]
    const nearest = nearestForm(issue.errors)
    if (nearest) return nearest.flatMap((inner) => faultsOf(inner, known, path))
    const missing = issue.input === undefined ? 'is missing: it ' : ''
    return [{ path, reason: `${missing}must be ${formsOf(issue.errors)}` }]
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'is not a valid name'
    return [{ path, reason, isAboutKey: true }]
  }
  if (issue.code === 'invalid_value') return [wrongChoice(issue, path)]
  return [{ path, reason: reasonOf(issue) }]
}

function unknownKey(path: ConfigPath, known: JsonSchema): ConfigFault {
  const key = String(path.at(-1))
  const isSecret = path[0] === 'providers' && /^(api_?key|key|token|secret|api_?token)$/i.test(key)
  if (isSecret) {
    const reason =
      'is not a setting: keys never stand in this file; set the key in the environment or the vault, and name it in key_vault_key'
    return { path, reason, isAboutKey: true }
  }
  const siblings = keysAt(known, path.slice(0, -1))
  const nearest = nearestNames(key, siblings, 1)[0] ?? placeOf(key, known)
  return { path, reason: 'is not a setting', nearest, isAboutKey: true }
}

/** The names that may stand inside the value at a path. */
function keysAt(schema: JsonSchema, path: ConfigPath): string[] {
  if (schema.anyOf) return schema.anyOf.flatMap((form) => keysAt(form, path))
  const [step, ...rest] = path
  if (step === undefined) return Object.keys(schema.properties ?? {})
  const open = typeof step === 'number' ? schema.items : schema.additionalProperties
  const inner = (typeof step === 'string' ? schema.properties?.[step] : undefined) ?? open
  return typeof inner === 'object' ? keysAt(inner, rest) : []
}

/** The path of a setting with exactly this name, when it stands in another section: `cache.redis_url`. */
function placeOf(key: string, schema: JsonSchema): string | undefined {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    if (name === key) return name
    const deeper = placeOf(key, inner)
    if (deeper !== undefined) return `${name}.${deeper}`
  }
  return undefined
}

/** The form of a union that the value was meant to have: one whose faults lie inside it, not in its type. */
function nearestForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return forms.find((issues) => issues.every((issue) => issue.path.length > 0 || !isFormMismatch(issue)))
}

const isFormMismatch = (issue: Issue) => issue.code === 'invalid_type' || issue.code === 'invalid_value'

function formsOf(forms: readonly (readonly Issue[])[]): string {
  return forms
    .map((issues) => issues[0])
    .map((issue) => {
      if (issue?.code === 'invalid_type') return typeWord(issue.expected)
      return issue?.code === 'invalid_value' ? issue.values.map(String).join(' or ') : 'something else'
    })
    .join(' or ')
}

function wrongChoice(issue: z.core.$ZodIssueInvalidValue, path: ConfigPath): ConfigFault {
  const choices = issue.values.map(String)
  const given = typeof issue.input === 'string' ? issue.input : undefined
  return {
    path,
    reason: `must be ${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`,
    nearest: given === undefined ? undefined : nearestNames(given, choices, 1)[0],
  }
}

function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing: it must be ${typeWord(issue.expected)}`
        : `must be ${typeWord(issue.expected)}`
    case 'too_small':
      return boundReason(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return boundReason(issue.origin, 'at most', issue.maximum)
    default:
      return issue.message
  }
}

function boundReason(origin: string, bound: string, limit: number | bigint): string {
  if (limit === 1 && bound === 'at least' && origin !== 'number') return 'must not be empty'
  if (origin === 'string') return `must have ${bound} ${limit} characters`
  if (origin === 'array') return `must have ${bound} ${limit} entries`
  return `must be ${bound} ${limit}`
}

const typeWords: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text (quote it if it looks like a number)',
  boolean: 'true or false',
  object: 'a section of settings',
  record: 'a section of names and values',
  array: 'a list',
}

const typeWord = (expected: string) => typeWords[expected] ?? expected
