/** The members of a chat completion request beside its messages and tools. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { effortOf } from '#services/llm-adapters/wire/effort.ts'

const stopSequencesMax = 4

/** What is left out because the model cannot use it is named in `dropped`. */
export function samplingMembers(question: ChatQuestion, target: Target, dropped: string[]): JsonObject {
  const { quirks } = target.provider
  const isFixed = !target.card.abilities.has('temperature')
  const wished: Readonly<Record<string, number | undefined>> = {
    temperature: question.temperature,
    top_p: question.topP,
    frequency_penalty: question.frequencyPenalty,
    presence_penalty: question.presencePenalty,
  }
  const members: { [name: string]: number } = {}
  for (const [name, value] of Object.entries(wished)) {
    if (value === undefined) continue
    if (isFixed) dropped.push(name)
    else members[name] = value
  }
  if (question.topK !== undefined) {
    if (quirks.has('takes_top_k')) members['top_k'] = question.topK
    else dropped.push('top_k')
  }
  if (question.seed !== undefined) {
    members[quirks.has('random_seed_word') ? 'random_seed' : 'seed'] = question.seed
  }
  return members
}

/** Throws `unsupported_feature` for more stop sequences than the dialect takes. */
export function outputMembers(question: ChatQuestion, target: Target, dropped: string[]): JsonObject {
  const { stopSequences, answerCount, logprobs, endUser } = question
  if (stopSequences && stopSequences.length > stopSequencesMax) {
    throw new Problem('unsupported_feature', {
      detail: `A chat completion takes at most ${stopSequencesMax} stop sequences; there are ${stopSequences.length}.`,
      param: 'stop',
    })
  }
  const takesUser = !target.provider.quirks.has('no_end_user')
  if (endUser !== undefined && !takesUser) dropped.push('user')
  return {
    ...(stopSequences && stopSequences.length > 0 ? { stop: stopSequences } : {}),
    ...(answerCount !== undefined && answerCount !== 1 ? { n: answerCount } : {}),
    ...(logprobs ? { logprobs: true } : {}),
    ...(logprobs?.top === undefined ? {} : { top_logprobs: logprobs.top }),
    ...formatMember(question),
    ...reasoningMember(question, target, dropped),
    ...modalityMembers(question),
    ...(endUser !== undefined && takesUser ? { user: endUser } : {}),
  }
}

function formatMember(question: ChatQuestion): JsonObject {
  const format = question.responseFormat
  switch (format?.type) {
    case undefined:
    case 'text':
      return {}
    case 'json':
      return { response_format: { type: 'json_object' } }
    case 'json_schema': {
      const { name, schema, description, isStrict } = format
      const json_schema = {
        name,
        ...(description === undefined ? {} : { description }),
        schema,
        ...(isStrict === undefined ? {} : { strict: isStrict }),
      }
      return { response_format: { type: 'json_schema', json_schema } }
    }
  }
}

/** A model that does not think refuses the word, so the wish is left out and named. */
function reasoningMember(question: ChatQuestion, target: Target, dropped: string[]): JsonObject {
  const effort = question.reasoning ? effortOf(question.reasoning) : undefined
  if (effort === undefined) return {}
  if (target.card.abilities.has('reasoning')) return { reasoning_effort: effort }
  if (effort !== 'none') dropped.push('reasoning')
  return {}
}

/** Audio needs a voice and a format; the caller's own are known only to callers of this dialect. */
function modalityMembers(question: ChatQuestion): JsonObject {
  const modalities = question.outputModalities ?? []
  if (!modalities.some((modality) => modality !== 'text')) return {}
  const audio = modalities.includes('audio') ? { audio: { voice: 'alloy', format: 'wav' } } : {}
  return { modalities, ...audio }
}
