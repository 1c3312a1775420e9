/** A GenerateContentRequest as a question. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { readContents } from '#http/gemini/contents.ts'
import { addGenerationConfig } from '#http/gemini/generation-config.ts'
import type { QuestionDraft } from '#http/gemini/generation-config.ts'
import { nativeOf } from '#http/gemini/native-request.ts'
import { createOwnMembers, demandParts, readOwnMembers } from '#http/gemini/own-members.ts'
import { readToolChoice, readTools } from '#http/gemini/tools.ts'
import { objectMember } from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'
import type { JsonBody } from '#http/json-body.ts'

/** Throws `missing_field`, `invalid_value`, `duplicate_field`, `invalid_media`, `unsupported_media_type`. */
export function readGeminiQuestion(body: JsonBody, isStreamed: boolean): ChatQuestion {
  const wire: Wire = { value: body.value, path: '' }
  const own = createOwnMembers()
  const messages = readContents(wire, own)
  readOwnMembers(wire, own)
  const tools = readTools(wire, own)
  const question: QuestionDraft = {
    messages: own.demanded.size === 0 ? messages : [{ role: 'system', parts: demandParts(own) }, ...messages],
    isStreamed,
    native: nativeOf(body),
  }
  if (tools.length > 0) question.tools = tools
  const choice = readToolChoice(wire, tools)
  if (choice) question.toolChoice = choice
  const config = objectMember(wire, 'generationConfig')
  if (config) addGenerationConfig(question, config)
  if (own.spared.size > 0) question.unsaid = [...own.spared]
  return question
}
