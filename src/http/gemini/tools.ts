/** `tools` and `toolConfig`: functions with their schemas, Gemini's own tools, and the choice among them. */
import type { Tool, ToolChoice } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { OwnMembers } from '#http/gemini/own-members.ts'
import { jsonSchemaOf } from '#http/gemini/openapi-schema.ts'
import {
  listMember,
  member,
  objectMember,
  pathOf,
  snakeCase,
  textMember,
  textsMember,
  wordMember,
  wrongValue,
} from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'

/** Source: Gemini API reference, `FunctionDeclaration.name`. */
const functionNameForm = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/

/** What a function gives back, and how it is waited for: other APIs are told only what it takes. */
const sparedNames = ['behavior', 'response', 'responseJsonSchema'] as const

/** Throws `missing_field` and `invalid_value` with the member's path. */
export function readTools(body: Wire, own: OwnMembers): readonly Tool[] {
  const tools: Tool[] = []
  const names = new Set<string>()
  for (const wire of listMember(body, 'tools') ?? []) {
    for (const declaration of listMember(wire, 'functionDeclarations') ?? []) {
      const tool = functionOf(declaration)
      spareMembers(declaration, own)
      if (names.has(tool.name)) {
        throw new Problem('invalid_value', {
          param: pathOf(declaration, 'name'),
          detail: `The function "${tool.name}" is declared twice.`,
          mend: 'Declare each function once.',
        })
      }
      names.add(tool.name)
      tools.push(tool)
    }
    tools.push(...ownToolsOf(wire))
  }
  return tools
}

function spareMembers(declaration: Wire, own: OwnMembers): void {
  for (const name of sparedNames) {
    if (member(declaration, name) !== undefined) own.spare(`tools.functionDeclarations.${name}`)
  }
}

/** Each member of a tool beside its functions is a tool that Google runs. */
function ownToolsOf({ value }: Wire): readonly Tool[] {
  const tools: Tool[] = []
  for (const name in value) {
    const own = value[name]
    if (own === undefined || own === null) continue
    if (name === 'functionDeclarations' || name === 'function_declarations') continue
    tools.push({ kind: 'server', name: snakeCase(name), origin: 'gemini-generate', value: { [name]: own } })
  }
  return tools
}

function functionOf(wire: Wire): Extract<Tool, { kind: 'function' }> {
  const name = textMember(wire, 'name')
  const path = pathOf(wire, 'name')
  if (name === undefined || name === '') {
    throw new Problem('missing_field', { param: path, detail: `${path} is required.` })
  }
  if (!functionNameForm.test(name)) {
    throw new Problem('invalid_value', {
      param: path,
      detail: `${path} is not a valid function name.`,
      mend: 'Begin with a letter or an underscore; use letters, digits, underscores, dots, colons and dashes; at most 128 characters.',
    })
  }
  const description = textMember(wire, 'description')
  const parameters = parametersOf(wire)
  return {
    kind: 'function',
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters } : {}),
  }
}

function parametersOf(wire: Wire): JsonObject | undefined {
  const schema = objectMember(wire, 'parameters')
  const anySchema = member(wire, 'parametersJsonSchema')
  if (schema && anySchema !== undefined) {
    throw new Problem('invalid_value', {
      param: pathOf(wire, 'parametersJsonSchema'),
      detail: `${wire.path} has both parameters and parametersJsonSchema.`,
      mend: 'Send one of them.',
    })
  }
  if (schema) return jsonSchemaOf(schema)
  if (anySchema === undefined) return undefined
  const jsonSchema = asObject(anySchema)
  if (!jsonSchema) throw wrongValue(pathOf(wire, 'parametersJsonSchema'), 'a JSON Schema')
  return jsonSchema
}

const modes = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'] as const

/** Undefined when the caller chose nothing. Throws `invalid_value` for a choice among functions that were not declared. */
export function readToolChoice(body: Wire, tools: readonly Tool[]): ToolChoice | undefined {
  const config = objectMember(body, 'toolConfig')
  const calling = config && objectMember(config, 'functionCallingConfig')
  if (!calling) return undefined
  const mode = wordMember(calling, 'mode', modes) ?? 'MODE_UNSPECIFIED'
  const names = textsMember(calling, 'allowedFunctionNames') ?? []
  const path = pathOf(calling, 'allowedFunctionNames')
  if (names.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED') {
    throw new Problem('invalid_value', {
      param: path,
      detail: `${path} can be set only when the mode is ANY or VALIDATED.`,
      mend: 'Leave the names out, or choose the mode ANY.',
    })
  }
  const functions = tools.filter(({ kind }) => kind === 'function')
  const unknown = names.find((name) => functions.every((tool) => tool.name !== name))
  if (unknown !== undefined) {
    throw new Problem('invalid_value', {
      param: path,
      detail: `${path} names the function "${unknown.slice(0, 128)}", which is not declared.`,
    })
  }
  if (mode === 'ANY' && functions.length === 0) {
    throw new Problem('invalid_value', {
      param: pathOf(calling, 'mode'),
      detail: `${pathOf(calling, 'mode')} is ANY, and no functions are declared.`,
      mend: 'Declare functions in `tools`, or choose another mode.',
    })
  }
  return choiceOf(mode, names)
}

function choiceOf(mode: (typeof modes)[number], names: readonly string[]): ToolChoice | undefined {
  const [only] = names
  switch (mode) {
    case 'MODE_UNSPECIFIED':
      return undefined
    case 'AUTO':
      return { mode: 'auto' }
    case 'NONE':
      return { mode: 'none' }
    case 'ANY':
      if (names.length === 1 && only !== undefined) return { mode: 'named', name: only }
      return names.length > 0 ? { mode: 'allowed', names, isRequired: true } : { mode: 'required' }
    case 'VALIDATED':
      return names.length > 0 ? { mode: 'allowed', names, isRequired: false } : { mode: 'auto' }
  }
}
