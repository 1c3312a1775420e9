/**
 * Everything that providers of five dialects were recorded to say, heard through every door with that API's own client.
 * With RECORDINGS_DIR set, every recording of that directory takes the place of the golden ones.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { Dialect } from '#core/domain/chat.ts'
import { Problem } from '#core/domain/problem.ts'
import type { ProblemCode } from '#core/domain/problem.ts'
import { shapeProblem } from '#http/problem-reply.ts'
import type { ProblemShape } from '#http/problem-reply.ts'
import { eventually } from '#tests/journeys/eventually.ts'
import { assertNothingHeld, readRecords } from '#tests/journeys/records.ts'
import type { KeptRow } from '#tests/journeys/records.ts'
import { dialects } from '#tests/support/adapters.ts'
import { readGoldenRecordings } from '#tests/support/golden-recordings.ts'
import type { Recording } from '#tests/support/recording.ts'
import { replyBytes } from '#tests/support/recording.ts'
import { readRecordingsDirectory } from '#tests/support/recordings-directory.ts'
import type { DoorReader, Heard } from './door-reader.ts'
import { doorReaders } from './door-readers.ts'
import { askRaw } from './raw-question.ts'
import { differencesOf } from './replay-comparison.ts'
import { openReplayStage } from './replay-stage.ts'
import type { Purpose, ReplayStage } from './replay-stage.ts'
import { countsNothing, passesUntouched, permitted, toldDifferently } from './told-differently.ts'
import type { ToldDifferently } from './told-differently.ts'

const directory = process.env['RECORDINGS_DIR']
const recordings = directory === undefined ? readGoldenRecordings() : readRecordingsDirectory(directory)

/** How many questions are under way at once. */
const atOnce = 6

/** What was asked, for the books. */
interface Asked {
  readonly recording: Recording
  readonly door: Dialect
  readonly purpose: Purpose
}

const asked: Asked[] = []
const entriesUsed = new Set<ToldDifferently>()
let stage: ReplayStage
before(async () => {
  stage = await openReplayStage(recordings)
})
after(() => stage.close())

const isStream = ({ reply }: Recording) => reply.stream !== undefined

function ask(reader: DoorReader, recording: Recording, purpose: Purpose): Promise<Heard> {
  asked.push({ recording, door: reader.dialect, purpose })
  const wish = { model: stage.modelOf(recording, purpose), isStreamed: isStream(recording) }
  return reader.ask(stage.house.address, wish)
}

function askBytes(recording: Recording, door: Dialect): Promise<Response> {
  asked.push({ recording, door, purpose: 'bytes' })
  const wish = { dialect: door, model: stage.modelOf(recording, 'bytes'), isStreamed: isStream(recording) }
  return askRaw(stage.house.address, wish)
}

/** Judges every recording, and fails with what was found under each recording's name. */
async function judgeAll(
  judged: readonly Recording[],
  judge: (recording: Recording) => Promise<readonly string[]> | readonly string[],
): Promise<void> {
  const found = new Map<string, readonly string[]>()
  const left = [...judged]
  const work = async () => {
    for (let recording = left.shift(); recording; recording = left.shift()) {
      const lines = await judge(recording)
      if (lines.length > 0) found.set(recording.name, lines)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (found.size === 0) return
  const list = [...found].map(([name, lines]) => [name, ...lines.map((line) => `    ${line}`)].join('\n'))
  assert.fail(`${found.size} of ${judged.length} recordings differ\n${list.join('\n')}`)
}

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 200 ? `${text.slice(0, 120)} ... ${text.slice(-60)} (${text.length} characters)` : text
}

it('there is a reader for every door', () => {
  assert.deepEqual(doorReaders.map(({ dialect }) => dialect).toSorted(), dialects.toSorted())
})

for (const reader of doorReaders) {
  const door = reader.dialect
  for (const dialect of dialects) {
    const spoken = recordings.filter((recording) => recording.dialect === dialect)
    const good = spoken.filter(({ expect }) => expect.outcome === 'ok')
    describe(`${dialect} heard through ${door}`, () => {
      it('is what the provider said', () => judgeAll(good, (recording) => hearGood(reader, recording)))

      it('is a failure where the provider refused', () =>
        judgeAll(
          spoken.filter(({ expect }) => expect.outcome === 'error'),
          (recording) => hearRefusal(reader, recording),
        ))

      it('is a failure where the provider failed in the middle', () =>
        judgeAll(
          spoken.filter(({ expect }) => expect.outcome === 'stream_error'),
          async (recording) =>
            failureFaults(await ask(reader, recording, 'heard'), recording.expect.text ?? ''),
        ))

      it('is never a success where the stream was cut', () =>
        judgeAll(good.filter(isStream), (recording) => hearBroken(reader, recording)))

      if (dialect === door) {
        it('is byte for byte what the provider sent', () =>
          judgeAll(
            good.filter((recording) => passesUntouched(recording) && !recording.expect.acceptAlso),
            (recording) => hearBytes(recording),
          ))
      }
    })
  }
}

async function hearGood(reader: DoorReader, recording: Recording): Promise<readonly string[]> {
  const heard = await ask(reader, recording, 'heard')
  if (heard.kind === 'failure') return failureOfGood(heard, recording, reader.dialect)
  const lines: string[] = []
  for (const difference of differencesOf(recording, heard)) {
    const entry = permitted(difference, recording, reader.dialect)
    if (entry) entriesUsed.add(entry)
    else lines.push(`${difference.field}: ${show(difference.heard)} instead of ${show(difference.expected)}`)
  }
  return lines
}

/** A client that refuses what its own API's provider sent is right or wrong by itself: the bytes are looked at apart. */
function failureOfGood(
  { status, word, message }: Extract<Heard, { kind: 'failure' }>,
  { dialect, expect }: Recording,
  door: Dialect,
): readonly string[] {
  if (expect.acceptAlso?.includes('stream_error')) return []
  if (dialect === door && status === undefined) return []
  return [`failure ${status ?? 'in the stream'} ${word}: ${message}`]
}

function failureFaults(heard: Heard, textWanted: string | undefined): readonly string[] {
  if (heard.kind === 'answer') return [`heard as a success: ${show(heard.text)}`]
  const faults: string[] = []
  if (heard.message === '') faults.push('no message')
  if (textWanted?.startsWith(heard.textBefore) === false)
    faults.push(`text before: ${show(heard.textBefore)}`)
  return faults
}

const hows = ['clean', 'fin', 'rst'] as const

async function hearBroken(reader: DoorReader, recording: Recording): Promise<readonly string[]> {
  const bytes = replyBytes(recording.reply)
  const how = hows[recordings.indexOf(recording) % hows.length] ?? 'clean'
  // A third of the way in, no dialect has said yet that the answer is whole.
  stage.playAs(recording, 'broken', { cut: { afterBytes: Math.floor(bytes.length / 3), how } })
  const heard = await ask(reader, recording, 'broken')
  // What clients make of the liberties that providers of their own dialect take is not looked at here.
  const isPlain = recording.dialect !== reader.dialect && recording.expect.thinkTags === undefined
  return failureFaults(heard, isPlain ? (recording.expect.text ?? '') : undefined)
}

/** What comes after the ending that the dialect knows need not be handed on, and a missing end marker is put right. */
async function hearBytes(recording: Recording): Promise<readonly string[]> {
  const response = await askBytes(recording, recording.dialect)
  const sent = Buffer.from(replyBytes(recording.reply)).toString()
  const handedOn = await response.text()
  if (response.status !== 200) return [`status ${response.status}: ${handedOn}`]
  if (handedOn === sent || handedOn === `${sent}data: [DONE]\n\n`) return []
  const rest = sent.startsWith(handedOn) ? sent.slice(handedOn.length).replaceAll(/\s/g, '') : undefined
  if (isStream(recording) && (rest === '' || rest === 'data:[DONE]')) return []
  let at = 0
  while (at < sent.length && sent[at] === handedOn[at]) at += 1
  return [`at ${at}: ${show(handedOn.slice(at, at + 80))} instead of ${show(sent.slice(at, at + 80))}`]
}

const shapeOf: Readonly<Record<Dialect, ProblemShape>> = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
  'gemini-generate': 'gemini',
  'cohere-chat': 'cohere',
}

async function hearRefusal(reader: DoorReader, recording: Recording): Promise<readonly string[]> {
  const heard = await ask(reader, recording, 'heard')
  if (heard.kind === 'answer') return [`heard as a success: ${show(heard.text)}`]
  const response = await askBytes(recording, reader.dialect)
  await response.arrayBuffer()
  const faults: string[] = []
  const same = (what: string, actual: unknown, expected: unknown) => {
    if (actual !== expected) faults.push(`${what}: ${show(actual)} instead of ${show(expected)}`)
  }
  const { kind, word } = await problemBooked(recording, reader.dialect)
  const wanted = recording.expect.problem
  if (wanted?.code) same('problem', word, wanted.code)
  const status = shapeProblem(new Problem(word), shapeOf[reader.dialect], '').status
  same('status heard', heard.status, status)
  same('status', response.status, status)
  same('may be tried again', response.headers.get('x-should-retry'), String(kind.isRetryable))
  if (heard.message === '' || heard.word === '') faults.push('no message or no word')
  if (wanted?.retryAfterMs !== undefined && kind.isRetryable) {
    const seconds = Number(response.headers.get('retry-after'))
    const isRight = seconds >= wanted.retryAfterMs / 1_000 && seconds <= wanted.retryAfterMs / 1_000 + 1
    if (!isRight) faults.push(`retry after ${seconds} s instead of ${wanted.retryAfterMs} ms`)
  }
  return faults
}

/** Which problem the books name for the question that was asked as bytes. */
async function problemBooked(
  recording: Recording,
  door: Dialect,
): Promise<Problem & { readonly word: ProblemCode }> {
  const model = stage.modelOf(recording, 'bytes')
  const row = await eventually(() => {
    const rows = readRecords(stage.house.dataDir).rows
    const found = rows.find((one) => one.kind === 'refused' && one.model_asked === model && one.door === door)
    assert.ok(found, `no row for ${model} at ${door}`)
    return found
  })
  const word = row.problem as ProblemCode
  return Object.assign(new Problem(word), { word })
}

describe('when all is told', () => {
  it('nothing is held, and every request has one row with what the provider counted', async () => {
    await assertNothingHeld(stage.house)
    const rows = endingRows(readRecords(stage.house.dataDir).rows)
    await judgeAllAsked((one) => {
      const found = rows.get(`${one.door} ${stage.modelOf(one.recording, one.purpose)}`) ?? []
      if (found.length !== 1) return [`${found.length} rows of ${one.purpose} at ${one.door}`]
      return rowFaults(one, found[0]!)
    })
  })

  it('every entry of the table of differences was needed', () => {
    if (directory !== undefined) return
    assert.deepEqual(
      toldDifferently
        .filter((entry) => entry.heardIn !== 'words' && !entriesUsed.has(entry))
        .map(({ reason }) => reason),
      [],
    )
  })
})

function endingRows(rows: readonly KeptRow[]): ReadonlyMap<string, readonly KeptRow[]> {
  return Map.groupBy(
    rows.filter(({ kind }) => kind !== 'failed'),
    (row) => `${row.door} ${row.model_asked}`,
  )
}

async function judgeAllAsked(judge: (one: Asked) => readonly string[]): Promise<void> {
  const byRecording = Map.groupBy(asked, ({ recording }) => recording)
  await judgeAll([...byRecording.keys()], (recording) =>
    (byRecording.get(recording) ?? []).flatMap((one) => judge(one)),
  )
}

function rowFaults({ recording, door, purpose }: Asked, row: KeptRow): readonly string[] {
  const { expect } = recording
  const faults: string[] = []
  const same = (what: string, actual: unknown, expected: unknown) => {
    if (actual !== expected) {
      faults.push(`${what} in the row of ${purpose} at ${door}: ${show(actual)} instead of ${show(expected)}`)
    }
  }
  const isGood = expect.outcome === 'ok' && purpose !== 'broken'
  if (!isGood) {
    if (row.problem === null) faults.push(`no problem in the row of ${purpose} at ${door}`)
    return faults
  }
  if (row.problem !== null && expect.acceptAlso) return faults
  same('problem', row.problem, null)
  same('kind', row.kind, 'charge')
  if (expect.finish?.unified) same('finish', row.finish, expect.finish.unified)
  if (!expect.usage || countsNothing(expect.usage)) return faults
  same('input tokens', row.input_tokens, expect.usage.inputTokens)
  same('output tokens', row.output_tokens, expect.usage.outputTokens)
  same('cached tokens', row.cached_input_tokens, expect.usage.cachedInputTokens)
  same('reasoning tokens', row.reasoning_tokens, expect.usage.reasoningTokens)
  return faults
}
