/** The members of a chat completion request beside its messages and tools. */
import type { ChatQuestion } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import { effortOf } from '#services/llm-adapters/wire/effort.ts'

const stopSequencesMax = 4

/** Throws `unsupported_feature` for `top_k` where the provider does not know it. */
export function samplingMembers(question: ChatQuestion, target: Target): JsonObject {
  const { quirks } = target.provider
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = question
  if (topK !== undefined && !quirks.has('takes_top_k')) {
    throw new Problem('unsupported_feature', {
      detail: `${target.provider.title} does not know top_k.`,
      param: 'top_k',
    })
  }
  // A model that takes no temperature answers as if it were 1 and the penalties 0.
  const isFixed = !target.card.abilities.has('temperature')
  return {
    ...(isFixed ? {} : stated({ temperature, top_p: topP })),
    ...(isFixed ? {} : stated({ frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty })),
    ...stated({ top_k: topK, [quirks.has('random_seed_word') ? 'random_seed' : 'seed']: seed }),
  }
}

function stated(wished: Readonly<Record<string, number | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(wished).filter(([, value]) => value !== undefined))
}

/** Throws `unsupported_feature` for more stop sequences than the dialect takes. */
export function outputMembers(question: ChatQuestion, target: Target): JsonObject {
  const { stopSequences, answerCount, logprobs, endUser } = question
  if (stopSequences && stopSequences.length > stopSequencesMax) {
    throw new Problem('unsupported_feature', {
      detail: `A chat completion takes at most ${stopSequencesMax} stop sequences; there are ${stopSequences.length}.`,
      param: 'stop',
    })
  }
  const takesUser = !target.provider.quirks.has('no_end_user')
  return {
    ...(stopSequences && stopSequences.length > 0 ? { stop: stopSequences } : {}),
    ...(answerCount !== undefined && answerCount !== 1 ? { n: answerCount } : {}),
    ...(logprobs ? { logprobs: true } : {}),
    ...(logprobs?.top === undefined ? {} : { top_logprobs: logprobs.top }),
    ...formatMember(question),
    ...reasoningMember(question, target),
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

/** A model that does not think refuses the word, even for an effort of none. */
function reasoningMember(question: ChatQuestion, target: Target): JsonObject {
  const effort = question.reasoning ? effortOf(question.reasoning) : undefined
  return effort !== undefined && target.card.abilities.has('reasoning') ? { reasoning_effort: effort } : {}
}

/** Audio needs a voice and a format; the caller's own are known only to callers of this dialect. */
function modalityMembers(question: ChatQuestion): JsonObject {
  const modalities = question.outputModalities ?? []
  if (!modalities.some((modality) => modality !== 'text')) return {}
  const audio = modalities.includes('audio') ? { audio: { voice: 'alloy', format: 'wav' } } : {}
  return { modalities, ...audio }
}
