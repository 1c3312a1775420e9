/** Reads a directory of recordings with its `index.json` of expectations, and puts both in our own words. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { FinishReason } from '../../src/core/domain/answer.ts'
import type { Dialect } from '../../src/core/domain/chat.ts'
import { asArray, asNumber, asString } from '../../src/core/domain/json.ts'
import type { JsonObject, JsonValue } from '../../src/core/domain/json.ts'
import type { ProblemCode } from '../../src/core/domain/problem.ts'
import type { ExpectedCall, ExpectedUsage, Expectation, Recording, RecordedReply } from './recording.ts'
import { objectOf } from './recording.ts'

const dialectOf: Readonly<Record<string, Dialect>> = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  'anthropic-messages': 'anthropic-messages',
  'google-generate': 'gemini-generate',
  'cohere-chat': 'cohere-chat',
}

/** What the provider's failure is called here. The code says more than the type. */
const problemOfCode: Readonly<Record<string, ProblemCode>> = {
  context_length_exceeded: 'context_length_exceeded',
  upstream_auth: 'provider_auth',
  model_not_found: 'provider_model_missing',
  insufficient_quota: 'provider_quota',
}
const problemOfType: Readonly<Record<string, ProblemCode>> = {
  rate_limit: 'provider_rate_limited',
  billing: 'provider_quota',
  authentication: 'provider_auth',
  permission: 'provider_auth',
  not_found: 'provider_model_missing',
  invalid_request: 'provider_rejected',
  overloaded: 'provider_overloaded',
  timeout: 'provider_timeout',
  upstream: 'provider_error',
  too_large: 'body_too_large',
}

/** Every recording of the directory whose protocol is spoken here, in the index's order. */
export function readRecordingsDirectory(directory: string): readonly Recording[] {
  const index = readObject(join(directory, 'index.json'))
  const recordings: Recording[] = []
  for (const entry of asArray(index['fixtures']).map(objectOf)) {
    const dialect = dialectOf[asString(entry['api']) ?? '']
    if (dialect) recordings.push(recordingOf(directory, entry, dialect))
  }
  return [...recordings, ...documentedErrors(directory)]
}

/** A JSON file as an object. Throws when it is not JSON. */
export function readObject(path: string): JsonObject {
  return objectOf(JSON.parse(readFileSync(path, 'utf8')))
}

function recordingOf(directory: string, entry: JsonObject, dialect: Dialect): Recording {
  const file = readObject(join(directory, textOf(entry['file'])))
  const source = objectOf(entry['source'])
  const request = objectOf(file['request'])
  return {
    name: textOf(entry['id']),
    dialect,
    provider: textOf(entry['provider']),
    model: textOf(entry['model']),
    features: asArray(entry['features']).map(textOf),
    source: {
      repository: textOf(source['repo']),
      commit: textOf(source['commit']),
      path: textOf(source['path']),
      licence: textOf(source['licence']),
    },
    ...(file['request']
      ? {
          request: {
            method: textOf(request['method']),
            path: textOf(request['path']),
            headers: objectOf(request['headers']) as Readonly<Record<string, string>>,
            body: request['body'] ?? null,
          },
        }
      : {}),
    reply: replyOf(objectOf(file['response'])),
    expect: expectationOf(objectOf(entry['expect'])),
  }
}

/** Errors that no public recording holds, written after the providers' documentation. */
function documentedErrors(directory: string): readonly Recording[] {
  const documented = readObject(join(directory, 'errors-documented.json'))
  const recordings: Recording[] = []
  for (const entry of asArray(documented['errors']).map(objectOf)) {
    const dialect = dialectOf[asString(entry['api']) ?? '']
    if (!dialect) continue
    const expected = objectOf(entry['expect'])
    recordings.push({
      name: textOf(entry['id']),
      dialect,
      provider: textOf(entry['provider']),
      model: '',
      features: ['documented'],
      source: {
        repository: 'documentation',
        commit: '',
        path: textOf(entry['source']),
        licence: 'own words',
      },
      reply: replyOf(entry),
      expect: {
        outcome: textOf(expected['outcome']) as Expectation['outcome'],
        ...(expected['partial_text'] ? { text: textOf(expected['partial_text']) } : {}),
        problem: problemOf(expected),
      },
    })
  }
  return recordings
}

function replyOf(response: JsonObject): RecordedReply {
  const stream = objectOf(response['stream'])
  return {
    status: asNumber(response['status']) ?? 200,
    headers: objectOf(response['headers']) as Readonly<Record<string, string>>,
    ...(response['stream'] ? { stream: textOf(stream['text']) } : { body: response['body'] ?? null }),
  }
}

function expectationOf(expected: JsonObject): Expectation {
  const outcome = textOf(expected['outcome']) as Expectation['outcome']
  if (outcome === 'error') return { outcome, problem: problemOf(objectOf(expected['error'])) }
  const finish = objectOf(expected['finish'])
  const thinkTags = objectOf(expected['think_tags'])
  const choices = asArray(expected['all_choices']).map(objectOf)
  return {
    outcome,
    ...(expected['accept_also'] ? { acceptAlso: asArray(expected['accept_also']).map(textOf) } : {}),
    id: textOf(expected['response_id']),
    model: textOf(expected['model']),
    text: textOf(expected['text']),
    toolPlan: textOf(expected['tool_plan']),
    refusal: textOf(expected['refusal']),
    reasoning: objectOf(expected['reasoning']) as unknown as NonNullable<Expectation['reasoning']>,
    ...(expected['think_tags']
      ? { thinkTags: { reasoning: textOf(thinkTags['reasoning']), text: textOf(thinkTags['text']) } }
      : {}),
    toolCalls: asArray(expected['tool_calls']).map((call) => callOf(objectOf(call))),
    serverTools: asArray(expected['server_tool_calls']).map(textOf),
    otherItems: asArray(expected['other_items']).map(textOf),
    citations: asNumber(expected['citations']) ?? 0,
    media: asArray(expected['media']).map(textOf),
    ...(expected['audio_transcript'] ? { transcript: textOf(expected['audio_transcript']) } : {}),
    logprobTokens: asNumber(expected['logprob_tokens']) ?? 0,
    finish: {
      raw: asString(finish['raw']) ?? null,
      unified: (asString(finish['unified']) ?? null) as FinishReason | null,
      ...(finish['stop_sequence'] ? { stopSequence: textOf(finish['stop_sequence']) } : {}),
      ...(finish['refusal_category'] ? { detailHas: textOf(finish['refusal_category']) } : {}),
    },
    usage: expected['usage'] ? usageOf(objectOf(expected['usage'])) : null,
    ...(choices.length > 0
      ? { choices: choices.map((one) => ({ index: asNumber(one['index']) ?? 0, text: textOf(one['text']) })) }
      : {}),
    ...(outcome === 'stream_error' ? { problem: {} } : {}),
  }
}

function problemOf(error: JsonObject): NonNullable<Expectation['problem']> {
  const code = problemOfCode[textOf(error['unified_code'])] ?? problemOfType[textOf(error['unified_type'])]
  const seconds = Number.parseFloat(textOf(error['retry_delay']) || textOf(error['retry_after']))
  return {
    ...(code ? { code } : {}),
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
  }
}

function callOf(call: JsonObject): ExpectedCall {
  // Some servers send an empty id, which is none.
  const id = asString(call['id']) || null
  const name = textOf(call['name'])
  if (call['type'] === 'custom') {
    return { id, name, kind: 'custom', argumentsText: textOf(call['input_text']) }
  }
  if (call['type'] !== undefined) return { id, name, kind: 'item' }
  const text = asString(call['arguments_text'])
  // An empty string is how some providers write "no arguments"; the value says so already.
  return {
    id,
    name,
    kind: 'function',
    ...(text ? { argumentsText: text } : { arguments: call['arguments'] ?? {} }),
  }
}

function usageOf(usage: JsonObject): ExpectedUsage {
  const count = (name: string) => asNumber(usage[name]) ?? 0
  const billed = objectOf(usage['billed'])
  const optional = (name: string, member: keyof ExpectedUsage) =>
    usage[name] === undefined ? {} : { [member]: count(name) }
  return {
    inputTokens: count('input_tokens'),
    outputTokens: count('output_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    ...optional('image_input_tokens', 'inputImageTokens'),
    ...optional('audio_input_tokens', 'inputAudioTokens'),
    ...optional('image_output_tokens', 'outputImageTokens'),
    ...(usage['billed']
      ? {
          billed: {
            inputTokens: asNumber(billed['input_tokens']) ?? 0,
            outputTokens: asNumber(billed['output_tokens']) ?? 0,
          },
        }
      : {}),
    ...(usage['server_tool_requests']
      ? { serverToolUses: usesOf(objectOf(usage['server_tool_requests'])) }
      : {}),
  }
}

/** `web_search_requests: 2` is two uses of `web_search`. */
function usesOf(requests: JsonObject): Readonly<Record<string, number>> {
  const uses: Record<string, number> = {}
  for (const [name, count] of Object.entries(requests)) {
    if (typeof count === 'number' && count > 0) uses[name.replace(/_requests$/, '')] = count
  }
  return uses
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
