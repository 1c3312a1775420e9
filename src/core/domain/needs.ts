/** What a question needs of a model, read from the question alone. */
import type { ChatQuestion, Part } from '#core/domain/chat.ts'
import type { Ability } from '#core/domain/model-card.ts'

const mediaAbility = {
  image: 'image_input',
  document: 'pdf_input',
  audio: 'audio_input',
  video: 'video_input',
} as const satisfies Record<string, Ability>

/** Every ability without which a model could not answer this question as asked. */
export function abilitiesNeeded(question: ChatQuestion): ReadonlySet<Ability> {
  const needed = new Set<Ability>()
  for (const message of question.messages) for (const part of message.parts) addPartNeeds(needed, part)
  if (question.tools && question.tools.length > 0) needed.add('tools')
  const mode = question.toolChoice?.mode
  if (mode === 'required' || mode === 'named' || mode === 'allowed') needed.add('tool_choice')
  if (question.responseFormat?.type === 'json') needed.add('json_object')
  if (question.responseFormat?.type === 'json_schema') needed.add('json_schema')
  if (question.logprobs) needed.add('logprobs')
  if ((question.answerCount ?? 1) > 1) needed.add('multiple_answers')
  for (const modality of question.outputModalities ?? []) {
    if (modality === 'image') needed.add('image_output')
    if (modality === 'audio') needed.add('audio_output')
  }
  return needed
}

/** Adds what reading one part needs. */
export function addPartNeeds(needed: Set<Ability>, part: Part): void {
  switch (part.type) {
    case 'image':
    case 'audio':
    case 'video':
      needed.add(mediaAbility[part.type])
      return
    case 'document':
      if (part.source.kind !== 'text') needed.add('pdf_input')
      return
    case 'tool_result':
      for (const inner of part.parts) addPartNeeds(needed, inner)
      return
    case 'text':
    case 'reasoning':
    case 'tool_call':
    case 'refusal':
    case 'server_tool':
    case 'opaque':
      return
  }
}
