/** Compares an answer in our words with a recording's expectation, field by field. */
import { isDeepStrictEqual } from 'node:util'

import { visibleText } from '../../src/core/domain/answer.ts'
import type { AnswerChoice, ChatAnswer } from '../../src/core/domain/answer.ts'
import type { Carry, Part } from '../../src/core/domain/chat.ts'
import { parseJson } from '../../src/core/domain/json.ts'
import type { Usage } from '../../src/core/domain/usage.ts'
import type { ExpectedCall, ExpectedReasoning, ExpectedUsage, Expectation } from './recording.ts'

/** Every field that differs, each as one line of text. Fields that the expectation leaves out are not looked at. */
export function compareAnswer(expect: Expectation, answer: ChatAnswer): readonly string[] {
  const found: string[] = []
  const same = (what: string, actual: unknown, expected: unknown) => {
    if (expected !== undefined && !isDeepStrictEqual(actual, expected)) {
      found.push(`${what}: ${show(actual)} instead of ${show(expected)}`)
    }
  }
  const choice = answer.choices.find((one) => one.index === 0) ?? answer.choices[0]
  const parts = choice?.parts ?? []
  same('id', answer.id, expect.id)
  same('model', answer.model, expect.model)
  if (expect.thinkTags) found.push(...compareThinkTags(expect, parts))
  else {
    same('text', visibleText(parts), expect.text)
    if (expect.reasoning) found.push(...compareReasoning(expect.reasoning, parts))
  }
  same(
    'tool plan',
    joined(parts, (part) => part.type === 'text' && part.isToolPlan === true),
    expect.toolPlan,
  )
  same(
    'refusal',
    joined(parts, (part) => part.type === 'refusal'),
    expect.refusal,
  )
  if (expect.toolCalls) found.push(...compareCalls(expect.toolCalls, parts))
  if (expect.serverTools) found.push(...compareServerTools(expect, parts))
  same(
    'citations',
    parts.reduce((sum, part) => sum + citationsOf(part), 0),
    expect.citations,
  )
  same('media', mediaOf(parts), expect.media)
  same('transcript', transcriptOf(parts), expect.transcript)
  same('logprob tokens', choice?.logprobs?.tokenCount ?? 0, expect.logprobTokens)
  if (expect.finish) found.push(...compareFinish(expect.finish, choice))
  if (expect.usage !== undefined) found.push(...compareUsage(expect.usage, answer.usage))
  for (const one of expect.choices ?? []) {
    const actual = answer.choices.find((candidate) => candidate.index === one.index)
    same(`text of choice ${one.index}`, actual && visibleText(actual.parts), one.text)
  }
  return found
}

/** A splitter yields reasoning and text apart; without one the tags stay in the text. Both are true to the wire. */
function compareThinkTags(expect: Expectation, parts: readonly Part[]): readonly string[] {
  const text = visibleText(parts)
  if (text === expect.text) return []
  const reasoning = reasoningText(parts)
  if (
    text.trim() === expect.thinkTags?.text.trim() &&
    reasoning.trim() === expect.thinkTags.reasoning.trim()
  ) {
    return []
  }
  return [`think tags: text ${show(text)}, reasoning ${show(reasoning)}`]
}

function compareReasoning(expected: ExpectedReasoning, parts: readonly Part[]): readonly string[] {
  const found: string[] = []
  const count = (what: string, kinds: readonly Carry['kind'][], wanted: number) => {
    const actual = parts.reduce((sum, part) => sum + carriesOf(part, kinds), 0)
    if (actual !== wanted) found.push(`${what} carried: ${actual} instead of ${wanted}`)
  }
  // Where a provider shows several paragraphs of one thought apart, joining them with blank lines is free.
  const squeezed = (text: string) => text.replaceAll(/\s+/g, '')
  const text = reasoningText(parts)
  if (squeezed(text) !== squeezed(expected.text)) {
    found.push(`reasoning: ${show(text)} instead of ${show(expected.text)}`)
  }
  count('signatures', ['signature', 'thought_signature'], expected.signatures)
  count('encrypted', ['encrypted'], expected.encrypted)
  count('redacted', ['redacted'], expected.redacted)
  const blocks = parts.filter((part) => part.type === 'reasoning').length
  if (blocks !== expected.blocks) found.push(`reasoning blocks: ${blocks} instead of ${expected.blocks}`)
  return found
}

function compareCalls(expected: readonly ExpectedCall[], parts: readonly Part[]): readonly string[] {
  const found: string[] = []
  const actual = parts.filter((part) => part.type === 'tool_call')
  const items = parts.filter((part) => part.type === 'opaque' || part.type === 'server_tool').length
  const wanted = expected.filter((call) => call.kind !== 'item' || items === 0)
  if (actual.length !== wanted.length) {
    const names = (calls: readonly { readonly name: string }[]) => calls.map((call) => call.name)
    return [`tool calls: ${show(names(actual))} instead of ${show(names(wanted))}`]
  }
  const ids = new Set<string>()
  for (const [position, call] of wanted.entries()) {
    const part = actual[position]
    if (!part) continue
    const label = `tool call ${position}`
    if (part.name !== call.name) found.push(`${label} name: ${show(part.name)} instead of ${show(call.name)}`)
    if (call.id === null ? part.id === '' : part.id !== call.id) {
      found.push(`${label} id: ${show(part.id)} instead of ${show(call.id ?? 'a minted one')}`)
    }
    if (call.id === null && ids.has(part.id)) found.push(`${label} id: ${show(part.id)} was minted twice`)
    ids.add(part.id)
    if (call.kind !== 'item' && part.kind !== call.kind) found.push(`${label} kind: ${part.kind}`)
    const argumentsAgree =
      call.argumentsText === undefined
        ? call.arguments === undefined || isDeepStrictEqual(parseJson(part.argumentsText), call.arguments)
        : part.argumentsText === call.argumentsText
    if (!argumentsAgree) {
      found.push(
        `${label} arguments: ${show(part.argumentsText)} instead of ${show(call.argumentsText ?? call.arguments)}`,
      )
    }
  }
  return found
}

/** Names may drop the word `call` that some item types end in; what else has no common form must not get lost. */
function compareServerTools(expect: Expectation, parts: readonly Part[]): readonly string[] {
  const found: string[] = []
  const calls = parts.filter((part) => part.type === 'server_tool' && part.phase === 'call')
  const plain = (name: string) => name.toLowerCase().replace(/_call$/, '')
  const names = calls.map((part) => (part.type === 'server_tool' ? plain(part.name) : ''))
  const expected = (expect.serverTools ?? []).map(plain)
  // An MCP call is named after the server's own tool.
  const agree =
    names.length === expected.length && expected.every((name, at) => name === 'mcp' || name === names[at])
  if (!agree) found.push(`server tools: ${show(names)} instead of ${show(expected)}`)
  const others = parts.filter(
    (part) => part.type === 'opaque' || (part.type === 'server_tool' && part.phase === 'result'),
  ).length
  const wanted = expect.otherItems?.length ?? 0
  if (others < wanted) found.push(`other items: ${others} instead of ${show(expect.otherItems)}`)
  return found
}

function compareFinish(
  expected: NonNullable<Expectation['finish']>,
  choice: AnswerChoice | undefined,
): readonly string[] {
  const found: string[] = []
  if (expected.unified === null) return found
  const finish = choice?.finish
  if (finish?.unified !== expected.unified) {
    found.push(`finish: ${show(finish?.unified)} instead of ${show(expected.unified)}`)
  }
  if ((finish?.raw ?? null) !== expected.raw)
    found.push(`finish word: ${show(finish?.raw)} instead of ${show(expected.raw)}`)
  if (finish?.stopSequence !== expected.stopSequence) {
    found.push(`stop sequence: ${show(finish?.stopSequence)} instead of ${show(expected.stopSequence)}`)
  }
  if (expected.detailHas && !JSON.stringify(finish?.detail ?? null).includes(expected.detailHas)) {
    found.push(`finish detail: ${show(finish?.detail)} without ${expected.detailHas}`)
  }
  return found
}

function compareUsage(expected: ExpectedUsage | null, actual: Usage): readonly string[] {
  const found: string[] = []
  if (expected === null) {
    if (actual.inputTokens !== null || actual.outputTokens !== null) {
      found.push(`usage: ${actual.inputTokens} in, ${actual.outputTokens} out, where none was reported`)
    }
    return found
  }
  for (const [name, wanted] of Object.entries(expected)) {
    const value = actual[name as keyof Usage]
    // A count that nobody reported is expected as 0; null says the same more exactly.
    const agree =
      isDeepStrictEqual(value, wanted) || (wanted === 0 && (value === null || value === undefined))
    if (!agree) found.push(`usage ${name}: ${show(value)} instead of ${show(wanted)}`)
  }
  return found
}

function joined(parts: readonly Part[], isWanted: (part: Part) => boolean): string {
  return parts.map((part) => (isWanted(part) && 'text' in part ? part.text : '')).join('')
}

const reasoningText = (parts: readonly Part[]) => joined(parts, (part) => part.type === 'reasoning')

const carriesOf = (part: Part, kinds: readonly Carry['kind'][]) =>
  part.carry?.filter((carry) => kinds.includes(carry.kind)).length ?? 0

const citationsOf = (part: Part) => (part.type === 'text' ? (part.citations?.length ?? 0) : 0)

const mediaTypes: readonly string[] = ['image', 'document', 'audio', 'video']

const mediaOf = (parts: readonly Part[]) =>
  parts.map((part) => part.type).filter((type) => mediaTypes.includes(type))

const transcriptOf = (parts: readonly Part[]) =>
  parts.map((part) => ('transcript' in part ? (part.transcript ?? '') : '')).join('')

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 160 ? `${text.slice(0, 90)} ... ${text.slice(-60)} (${text.length} characters)` : text
}
