/** Tools of a response and the choice among them: flat, strict unless told otherwise. */
import { z } from 'zod'
import type { Tool, ToolChoice } from '#core/domain/chat.ts'
import { asArray, asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { ResponseRequest } from '#http/openai/responses/response-request-schema.ts'
import { parseWith } from '#http/schema-problem.ts'

const anyJson = z.unknown() as unknown as z.ZodType<JsonValue>
const jsonObject = z.record(z.string(), anyJson)
const name = z.string().min(1).max(128)

const functionTool = z.object({
  name,
  description: z.string().nullish(),
  parameters: jsonObject.nullish(),
  strict: z.boolean().nullish(),
})
const customTool = z.object({ name, description: z.string().nullish(), format: jsonObject.nullish() })

type WireTool = NonNullable<ResponseRequest['tools']>[number]

export function readTools(tools: readonly WireTool[]): readonly Tool[] {
  return tools.map((tool, index) => readTool(tool, `tools[${index}]`))
}

function readTool(tool: WireTool, path: string): Tool {
  if (tool.type === 'function') return readFunction(tool, path)
  if (tool.type === 'custom') {
    const read = parseWith(customTool, tool, path)
    return {
      kind: 'custom',
      name: read.name,
      ...(read.description ? { description: read.description } : {}),
      ...(read.format ? { format: read.format } : {}),
    }
  }
  return { kind: 'server', name: tool.type, origin: 'openai-responses', value: tool as JsonObject }
}

function readFunction(tool: WireTool, path: string): Tool {
  const read = parseWith(functionTool, tool, path)
  const isStrict = read.strict ?? (read.parameters ? canBeStrict(read.parameters) || undefined : undefined)
  return {
    kind: 'function',
    name: read.name,
    ...(read.description ? { description: read.description } : {}),
    ...(read.parameters ? { parameters: read.parameters } : {}),
    ...(isStrict === undefined ? {} : { isStrict }),
  }
}

/**
 * Whether every object closes itself and requires all of its members. A caller who says nothing about strictness gets
 * it where the schema allows it: providers refuse any other schema as strict (OpenAI guide, "Structured Outputs").
 */
export function canBeStrict(schema: JsonValue | undefined): boolean {
  const node = asObject(schema)
  if (!node) return true
  const properties = asObject(node['properties'])
  if (properties || node['type'] === 'object') {
    const names = Object.keys(properties ?? {})
    const required = asArray(node['required'])
    if (node['additionalProperties'] !== false || !names.every((one) => required.includes(one))) return false
    if (!names.every((one) => canBeStrict(properties?.[one]))) return false
  }
  for (const key of ['anyOf', 'prefixItems'] as const) {
    if (!asArray(node[key]).every((inner) => canBeStrict(inner))) return false
  }
  for (const key of ['$defs', 'definitions'] as const) {
    if (!Object.values(asObject(node[key]) ?? {}).every((inner) => canBeStrict(inner))) return false
  }
  return canBeStrict(node['items'])
}

const namedChoice = z.object({ name: z.string().min(1) })
const allowedChoice = z.object({
  mode: z.enum(['auto', 'required']),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).min(1),
})

/** A tool that a provider runs itself is chosen by its type. */
export function readToolChoice(choice: ResponseRequest['tool_choice']): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (typeof choice === 'string') return { mode: choice }
  if (choice.type === 'function' || choice.type === 'custom') {
    return { mode: 'named', name: parseWith(namedChoice, choice, 'tool_choice').name }
  }
  if (choice.type !== 'allowed_tools') return { mode: 'named', name: choice.type }
  const { mode, tools } = parseWith(allowedChoice, choice, 'tool_choice')
  return {
    mode: 'allowed',
    names: tools.map((tool) => tool.name ?? tool.type),
    isRequired: mode === 'required',
  }
}
