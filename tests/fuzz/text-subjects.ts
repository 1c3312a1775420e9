/** The readers of plain text forms: server-sent events, the settings and the catalogue. */
import { isDeepStrictEqual } from 'node:util'

import { loadCatalog } from '#config/catalog.ts'
import { loadConfig } from '#config/load.ts'
import { readTextFile } from '#config/system-source.ts'
import { createFrameReader } from '#services/llm-adapters/wire/server-sent-events.ts'
import type { Frame } from '#services/llm-adapters/wire/server-sent-events.ts'
import { catalogueFile } from '#tests/journeys/provider-stage.ts'
import { dialects } from '#tests/support/adapters.ts'
import { piecesOf } from '#tests/support/recording-verdict.ts'
import { mutateBytes } from './byte-mutations.ts'
import type { Chance } from './chance.ts'
import { streamInputs } from './decoder-subjects.ts'
import { mutateStream } from './frame-mutations.ts'
import { attempt, fault } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'

const limits = { lineBytesMax: 30_000, eventBytesMax: 50_000 }

/** The frames up to the end or the Problem that they end with. */
function framesOf(input: Buffer, sizes: readonly number[]) {
  const reader = createFrameReader({ ...limits, keepsBytes: true })
  const frames: Frame[] = []
  const { problem } = attempt(() => {
    for (const piece of piecesOf(input, sizes)) frames.push(...reader.push(piece))
    frames.push(...reader.end())
  })
  for (const { data, bytes } of frames) {
    const size = Math.max(data.length, bytes?.length ?? 0)
    // What is kept of one event is bounded, beside the piece that it came in.
    if (size > limits.eventBytesMax + Math.max(...sizes, 0) + 4)
      fault(`an event of ${size} characters is held`)
  }
  return { frames, problem: problem?.code }
}

const eventsSubject: FuzzSubject = {
  name: 'server-sent events',
  inputs: dialects.flatMap((dialect) => streamInputs(dialect)),
  mutate: mutateStream,
  run(input, chance) {
    const sizes = [1 + chance.below(900), 1 + chance.below(3)]
    const [one, other] = [framesOf(input, sizes), framesOf(input, [1])]
    const plain = ({ frames }: typeof one) =>
      frames.map(({ event, data, fields }) => ({ event, data, fields }))
    // Bytes of comments count towards an event's limit as they arrive, so that pieces may reach it at other places.
    if (one.problem ?? other.problem) return one.problem ?? 'whole'
    if (!isDeepStrictEqual(plain(one), plain(other))) fault(`pieces of ${sizes.join(', ')} are other events`)
    return 'whole'
  },
}

const given = (name: string, text: string) => (path: string) =>
  path.endsWith(name) ? text : readTextFile(path)

const settingsSubject: FuzzSubject = {
  name: 'settings',
  inputs: ['config/admin_config.yaml', 'bench/signalbox.config.yaml'].map((file) =>
    Buffer.from(readTextFile(file) ?? ''),
  ),
  mutate: mutateText,
  run(input) {
    const source = { file: 'these.yaml', environment: {}, readFile: given('these.yaml', input.toString()) }
    const { problem } = attempt(() => loadConfig(source))
    if (problem && problem.code !== 'config_invalid') fault(`${problem.code} for settings`)
    return problem?.code ?? 'read'
  },
}

const catalogueSubject: FuzzSubject = {
  name: 'catalogue',
  inputs: [Buffer.from(readTextFile(catalogueFile) ?? '')],
  mutate: mutateText,
  run(input) {
    const config = loadConfig({ file: undefined, environment: {}, readFile: () => undefined })
    const catalog = { ...config.catalog, file: 'these.yaml' }
    const readFile = given('these.yaml', input.toString())
    const { problem } = attempt(() => loadCatalog(catalog, { readFile }))
    if (problem && problem.code !== 'config_invalid') fault(`${problem.code} for a catalogue`)
    return problem?.code ?? 'read'
  },
}

const oddLines = [
  '__proto__: {a: 1}',
  '<<: *x',
  '&x [*x, *x]',
  '- - - -',
  '? {}',
  'a: !!js/function x',
  'a: 1e999',
  '%YAML 9',
  '---',
]

/** Lines lost, doubled, moved in and out, and replaced by what YAML makes the most of. */
function mutateText(input: Buffer, chance: Chance): Buffer {
  if (chance.isTrue(0.4)) return mutateBytes(input, chance)
  const lines = input.toString().split('\n')
  for (let changes = 1 + chance.below(3); changes > 0; changes -= 1) {
    const at = chance.below(lines.length)
    const line = lines[at] ?? ''
    const value = /^(\s*[\w-]+:).*$/.exec(line)?.[1]
    switch (chance.below(6)) {
      case 0:
        lines.splice(at, 1)
        break
      case 1:
        lines.splice(at, 0, line)
        break
      case 2:
        lines[at] = chance.isTrue(0.5) ? `  ${line}` : line.replace(/^ {2}/, '')
        break
      case 3:
        lines.splice(at, 0, chance.pick(oddLines))
        break
      default:
        lines[at] =
          `${value ?? line} ${chance.pick(['null', '-1', '[]', '{}', '1e999', '"x"', 'true', '99999999999'])}`
    }
  }
  return Buffer.from(lines.join('\n'))
}

export const textSubjects: readonly FuzzSubject[] = [eventsSubject, settingsSubject, catalogueSubject]
