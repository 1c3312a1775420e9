/** OpenAI's counting of tokens: `POST /responses/input_tokens`, free of charge. */
import { spliceMembers } from '#core/domain/native-body.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { explainOpenAi } from '#services/llm-adapters/openai-chat/explain.ts'
import { encodeOpenAiResponse } from '#services/llm-adapters/openai-responses/encode.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { countAnswer, countedPart, countTerms, membersOf } from '#services/llm-adapters/wire/token-count.ts'

/** Source: OpenAI API reference, "Get input token counts". */
const countedMembers = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
] as const

export const responsesCount: ErrandAdapter<'count-tokens'> = {
  encode({ question }, target, terms) {
    const call = encodeOpenAiResponse(countedPart(question), target, countTerms(target, terms))
    const { native } = question
    const body =
      native?.dialect === 'openai-responses'
        ? spliceMembers(native, { model: native.body['model'] === target.model ? undefined : target.model })
        : JSON.stringify(membersOf(call, countedMembers))
    return [{ ...call, path: '/responses/input_tokens', body }]
  },
  decode([reply], { question }, target) {
    if (!reply) throw malformed('no reply', target)
    const answer = countAnswer(jsonReply(reply, target)['input_tokens'], target)
    if (question.native?.dialect !== 'openai-responses') return answer
    return { ...answer, native: { dialect: 'openai-responses', bytes: reply.body } }
  },
  explain: explainOpenAi,
}
