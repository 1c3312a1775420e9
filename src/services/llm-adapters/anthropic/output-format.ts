/** The wished form of the answer as Anthropic's structured output (`output_config.format`). */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ModelCard } from '#core/domain/model-card.ts'
import { Problem } from '#core/domain/problem.ts'

export interface OutputFormat {
  readonly format?: JsonObject | undefined
  /** For JSON without a schema there is no field: the model is told. */
  readonly instruction?: string | undefined
}

/** Throws `unsupported_feature` when the model cannot be held to a schema. */
export function outputFormatOf(question: ChatQuestion, card: ModelCard): OutputFormat {
  const wish = question.responseFormat
  if (wish === undefined || wish.type === 'text') return {}
  if (wish.type === 'json') {
    return {
      instruction: 'Answer with one valid JSON object and nothing else: no code fence, no other text.',
    }
  }
  if (!card.abilities.has('json_schema')) {
    throw new Problem('unsupported_feature', {
      detail: `${card.name} cannot be held to a JSON schema.`,
      mend: 'Choose a model with structured output, or ask for plain JSON.',
      param: 'response_format',
    })
  }
  return { format: { type: 'json_schema', schema: closed(wish.schema) } }
}

/** Members whose value is one schema, or a list or a map of schemas. */
const schemaMembers = ['items', 'additionalItems', 'not', 'if', 'then', 'else'] as const
const listMembers = ['anyOf', 'allOf', 'oneOf', 'prefixItems'] as const
const mapMembers = ['properties', '$defs', 'definitions'] as const

/** The same schema with every object closed where it does not say: Anthropic takes no open object. */
function closed(schema: JsonObject): JsonObject {
  const copy: Record<string, JsonValue | undefined> = { ...schema }
  const isObject = schema['type'] === 'object' || schema['properties'] !== undefined
  if (isObject && schema['additionalProperties'] === undefined) copy['additionalProperties'] = false
  for (const name of schemaMembers) {
    const inner = asObject(copy[name])
    if (inner) copy[name] = closed(inner)
  }
  for (const name of listMembers) {
    const list = copy[name]
    if (Array.isArray(list)) copy[name] = list.map(closedValue)
  }
  for (const name of mapMembers) {
    const map = asObject(copy[name])
    if (map) copy[name] = closedMap(map)
  }
  return copy
}

function closedValue(value: JsonValue): JsonValue {
  const inner = asObject(value)
  return inner ? closed(inner) : value
}

function closedMap(map: JsonObject): JsonObject {
  const copy: Record<string, JsonValue | undefined> = {}
  for (const [name, value] of Object.entries(map)) {
    copy[name] = value === undefined ? undefined : closedValue(value)
  }
  return copy
}
