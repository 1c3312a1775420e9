/** Anthropic's counting of tokens: `POST /messages/count_tokens`, free of charge. */
import { spliceMembers } from '#core/domain/native-body.ts'
import { encodeAnthropic } from '#services/llm-adapters/anthropic/encode.ts'
import { explainAnthropic } from '#services/llm-adapters/anthropic/explain.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { countAnswer, countedPart, countTerms, membersOf } from '#services/llm-adapters/wire/token-count.ts'

/** Source: Anthropic API reference, "Count tokens in a Message". */
const countedMembers = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
] as const

export const anthropicCount: ErrandAdapter<'count-tokens'> = {
  encode({ question }, target, terms) {
    const call = encodeAnthropic(countedPart(question), target, countTerms(target, terms))
    const { native } = question
    const body =
      native?.dialect === 'anthropic-messages'
        ? spliceMembers(native, { model: native.body['model'] === target.model ? undefined : target.model })
        : JSON.stringify(membersOf(call, countedMembers))
    return [{ ...call, path: '/messages/count_tokens', body }]
  },
  decode([reply], { question }, target) {
    if (!reply) throw malformed('no reply', target)
    const answer = countAnswer(jsonReply(reply, target)['input_tokens'], target)
    if (question.native?.dialect !== 'anthropic-messages') return answer
    return { ...answer, native: { dialect: 'anthropic-messages', bytes: reply.body } }
  },
  explain: explainAnthropic,
}
