/** Where each target's body must show a feature. */
import type { Dialect } from '../../../src/core/domain/chat.ts'
import {
  docx,
  earlier,
  failure,
  hello,
  laterRule,
  links,
  mp4,
  noteText,
  ogg,
  pdf,
  png,
  rule,
  sunny,
  wav,
} from './feature-forms.ts'
import { both, result } from './look.ts'
import type { TargetLooks } from './look.ts'
import { chatLooks, responsesLooks } from './openai-looks.ts'
import { anthropicLooks, cohereLooks, geminiLooks } from './other-looks.ts'

/** What looks the same everywhere. */
const everywhere: TargetLooks = {
  system_prompt: [rule, hello],
  developer_role: [rule, hello],
  later_instructions: [laterRule, earlier],
  earlier_turns: [earlier],
  media_in_answers: [png],
  tool_results: result,
  failed_tool_results: [failure],
  media_in_tool_results: [sunny, png],
  image_data: [png],
  image_address: [links.image],
  pdf_data: [pdf],
  document_address: [links.pdf],
  text_document: [noteText],
  other_document: [docx],
  audio_data: [wav],
  other_audio: [ogg],
  audio_address: [links.audio],
  video_data: [mp4],
  video_address: [links.video],
  google_address: [links.google],
  tools: [...both, 'Tells the weather.'],
  custom_tools: ['"run_sql"', 'Runs SQL.', sunny],
  choice_auto: both,
  choice_required: both,
  choice_none: both,
  json_schema: ['"city"'],
  json_beside_tools: [...both, '"city"'],
  tools_while_thinking: both,
}

export const targetLooks: Readonly<Record<Dialect, TargetLooks>> = {
  'openai-chat': { ...everywhere, ...chatLooks },
  'openai-responses': { ...everywhere, ...responsesLooks },
  'anthropic-messages': { ...everywhere, ...anthropicLooks },
  'gemini-generate': { ...everywhere, ...geminiLooks },
  'cohere-chat': { ...everywhere, ...cohereLooks },
}
