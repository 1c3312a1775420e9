/** A question as the call that asks it of Gemini. */
import type { ChatQuestion, NativeRequest } from '#core/domain/chat.ts'
import { asObject } from '#core/domain/json.ts'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import { isHeldToOneTool } from '#core/domain/question-features.ts'
import { spliceMembers } from '#core/domain/native-body.ts'
import type { Target } from '#core/domain/target.ts'
import type { CallTerms, HttpCall } from '#services/llm-adapters/adapter.ts'
import { encodeContents } from '#services/llm-adapters/gemini/encode-contents.ts'
import { encodeToolConfig, encodeTools } from '#services/llm-adapters/gemini/encode-tools.ts'
import { methodPath } from '#services/llm-adapters/gemini/method-path.ts'
import { generationConfigOf } from '#services/llm-adapters/gemini/generation-config.ts'

/** Throws `unsupported_feature` for what Gemini cannot be asked. */
export function encodeQuestion(question: ChatQuestion, target: Target, terms: CallTerms): HttpCall {
  const body =
    question.native?.dialect === 'gemini-generate'
      ? nativeBody(question.native, terms.maxOutputTokens)
      : JSON.stringify(bodyOf({ question, target, terms }))
  return {
    path: methodPath(target.model, question.isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    headers: {
      'content-type': 'application/json',
      accept: question.isStreamed ? 'text/event-stream' : 'application/json',
    },
    body,
    isStreamed: question.isStreamed,
    dropped: [],
  }
}

/** Gemini reads camel case and snake case alike; whichever the caller wrote is the one that changes. */
function nativeBody(native: NativeRequest, maxOutputTokens: number): string {
  const isSnakeCase = native.members.has('generation_config')
  const member = isSnakeCase ? 'generation_config' : 'generationConfig'
  const config: Record<string, JsonValue | undefined> = { ...asObject(native.body[member]) }
  delete config['maxOutputTokens']
  delete config['max_output_tokens']
  config[isSnakeCase ? 'max_output_tokens' : 'maxOutputTokens'] = maxOutputTokens
  return spliceMembers(native, { [member]: config })
}

interface BodyNeed {
  readonly question: ChatQuestion
  readonly target: Target
  readonly terms: CallTerms
}

function bodyOf({ question, target, terms }: BodyNeed): JsonObject {
  const { systemInstruction, contents } = encodeContents(question.messages, target)
  const tools = encodeTools(question.tools ?? [])
  if (tools.length > 0 && isHeldToOneTool(question)) {
    throw new Problem('unsupported_feature', {
      detail: 'Gemini cannot be held to one tool call at a time.',
      param: 'parallel_tool_calls',
    })
  }
  return {
    contents,
    ...(systemInstruction ? { systemInstruction } : {}),
    ...(tools.length > 0 ? { tools } : {}),
    ...encodeToolConfig(question),
    generationConfig: generationConfigOf({ question, target, terms }),
  }
}
