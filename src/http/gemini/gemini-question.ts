/** A GenerateContentRequest as a question. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import { readContents } from '#http/gemini/contents.ts'
import { addGenerationConfig } from '#http/gemini/generation-config.ts'
import type { QuestionDraft } from '#http/gemini/generation-config.ts'
import { nativeOf } from '#http/gemini/native-request.ts'
import { readToolChoice, readTools } from '#http/gemini/tools.ts'
import { objectMember } from '#http/gemini/wire-members.ts'
import type { Wire } from '#http/gemini/wire-members.ts'
import type { JsonBody } from '#http/json-body.ts'

/** Throws `missing_field`, `invalid_value`, `duplicate_field`, `invalid_media`, `unsupported_media_type`. */
export function readGeminiQuestion(body: JsonBody, isStreamed: boolean): ChatQuestion {
  const wire: Wire = { value: body.value, path: '' }
  const question: QuestionDraft = { messages: readContents(wire), isStreamed, native: nativeOf(body) }
  const tools = readTools(wire)
  if (tools.length > 0) question.tools = tools
  const choice = readToolChoice(wire, tools)
  if (choice) question.toolChoice = choice
  const config = objectMember(wire, 'generationConfig')
  if (config) addGenerationConfig(question, config)
  return question
}
