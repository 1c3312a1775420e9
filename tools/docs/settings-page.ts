/** The page of every setting and every environment variable. */
import { environmentVariables } from '#config/environment.ts'
import { builtInProviders } from '#services/llm-adapters/cousins.ts'
import { code, page, table } from './markdown.ts'
import { defaultText, entryOf, formOf, isSection, settingsSchema } from './setting-tree.ts'
import type { JsonSchema } from './setting-tree.ts'

export function settingsPage(): string {
  const schema = settingsSchema()
  const sections = Object.entries(schema.properties ?? {})
  const single = sections.filter(([, inner]) => !isSection(inner) && !entryOf(inner))
  return page(
    'Settings',
    'Read from `config/admin_config.yaml`, or from the file that `CONFIG_FILE` or `--config` names. Every setting may be left out. An unknown or wrong one is refused with its line and the nearest name. The file is read again when it changes, and taken over whole or not at all; `server` and `storage` wait for the next start. Relative paths begin at the folder that the program was started in. A schema for editors: [admin_config.schema.json](admin_config.schema.json).',
    settingTable(single.map(([name, inner]) => [name, inner])),
    ...sections.flatMap(([name, inner]) => sectionBlocks(name, inner)),
    '## Environment',
    'The environment wins over the file. An empty variable counts as not set. Every secret may come from a file instead: `<NAME>_FILE` holds its path.',
    table(
      ['Variable', 'What it does'],
      Object.entries(environmentVariables).map(([name, sentence]) => [code(name), sentence]),
    ),
    'Provider keys, by their usual names; a provider whose key is present is live at once. The first name that is set counts.',
    table(
      ['Provider', 'Variables'],
      builtInProviders
        .filter(({ keyNames }) => keyNames.length > 0)
        .map(({ title, keyNames }) => [title, keyNames.map(code).join(', ')]),
    ),
  )
}

function sectionBlocks(name: string, schema: JsonSchema): string[] {
  const entry = entryOf(schema)
  if (!isSection(schema) && !entry) return []
  return [`## ${name}`, schema.description ?? '', settingTable(fieldsOf(name, schema))]
}

/** Every field below a section by its whole path; an entry of a map is written `<name>`, one of a list `[]`. */
function fieldsOf(path: string, schema: JsonSchema): [string, JsonSchema][] {
  const entry = entryOf(schema)
  const entryPath = schema.items ? `${path}[]` : `${path}.<name>`
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const at = `${path}.${name}`
    return isSection(inner)
      ? fieldsOf(at, inner)
      : [[at, inner] as [string, JsonSchema], ...fieldsOf(at, inner)]
  })
  return entry ? [...inside, ...fieldsOf(entryPath, entry)] : inside
}

function settingTable(fields: readonly [string, JsonSchema][]): string {
  return table(
    ['Setting', 'Default', 'Form', 'What it is'],
    fields.map(([path, schema]) => [
      code(path),
      code(defaultText(schema)),
      formOf(schema),
      schema.description ?? '',
    ]),
  )
}
