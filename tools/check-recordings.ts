/**
 * Reads every recording of a directory through its adapter and prints where the words differ.
 *
 *   node tools/check-recordings.ts DIRECTORY [part of a name or dialect]
 *
 * Exits with 1 when any recording disagrees.
 */
import type { LlmAdapter } from '../src/services/llm-adapters/adapter.ts'
import { adapters, dialects } from '../tests/support/adapters.ts'
import { disagreements, readRecording } from '../tests/support/recording-verdict.ts'
import type { Recording } from '../tests/support/recording.ts'
import { readRecordingsDirectory } from '../tests/support/recordings-directory.ts'

const [directory, wanted = ''] = process.argv.slice(2)
if (directory === undefined)
  throw new Error('Usage: check-recordings.ts DIRECTORY [part of a name or dialect]')

let failed = 0
const recordings = readRecordingsDirectory(directory)
for (const dialect of dialects) {
  const own = recordings.filter(
    (recording) => recording.dialect === dialect && `${dialect} ${recording.name}`.includes(wanted),
  )
  if (own.length === 0) continue
  const adapter = adapters.for(dialect)
  let good = 0
  for (const recording of own) {
    const found = allDisagreements(recording, adapter)
    if (found.size === 0) good += 1
    else console.log(`${recording.name}\n${[...found].map((line) => `    ${line}`).join('\n')}`)
  }
  failed += own.length - good
  console.log(`${dialect}: ${good} of ${own.length} agree\n`)
}
process.exitCode = failed === 0 ? 0 : 1

/** What any way of cutting the bytes brings to light. */
function allDisagreements(recording: Recording, adapter: LlmAdapter): ReadonlySet<string> {
  const ways = recording.reply.stream === undefined ? [[]] : [[], [1], [7], [993]]
  return new Set(
    ways.flatMap((chunkSizes) => disagreements(recording, readRecording(recording, adapter, { chunkSizes }))),
  )
}
