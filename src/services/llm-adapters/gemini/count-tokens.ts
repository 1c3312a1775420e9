/** Gemini's counting of tokens: `models.countTokens`, free of charge. */
import { spliceMembers } from '#core/domain/native-body.ts'
import type { ErrandAdapter } from '#services/llm-adapters/errand-adapter.ts'
import { encodeQuestion } from '#services/llm-adapters/gemini/encode-question.ts'
import { explainReply } from '#services/llm-adapters/gemini/explain-reply.ts'
import { methodPath, resourceName } from '#services/llm-adapters/gemini/method-path.ts'
import { jsonReply, malformed } from '#services/llm-adapters/wire/json-reply.ts'
import { countAnswer, countedPart, countTerms, membersOf } from '#services/llm-adapters/wire/token-count.ts'

const countedMembers = ['contents', 'systemInstruction', 'tools', 'toolConfig'] as const

/** Source: Gemini API reference, "Counting tokens": instructions and tools count inside `generateContentRequest` alone. */
export const geminiCount: ErrandAdapter<'count-tokens'> = {
  encode({ question }, target, terms) {
    const { native } = question
    const model = resourceName(target.model)
    let request: string
    if (native?.dialect === 'gemini-generate') {
      request = spliceMembers(native, { model: native.body['model'] === model ? undefined : model })
    } else {
      const call = encodeQuestion(countedPart(question), target, countTerms(target, terms))
      request = JSON.stringify({ model, ...membersOf(call, countedMembers) })
    }
    return [
      {
        path: methodPath(target.model, 'countTokens'),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: `{"generateContentRequest":${request}}`,
        isStreamed: false,
        dropped: [],
      },
    ]
  },
  decode([reply], { question }, target) {
    if (!reply) throw malformed('no reply', target)
    // A count of zero is left out on the wire.
    const answer = countAnswer(jsonReply(reply, target)['totalTokens'] ?? 0, target)
    if (question.native?.dialect !== 'gemini-generate') return answer
    return { ...answer, native: { dialect: 'gemini-generate', bytes: reply.body } }
  },
  explain: explainReply,
}
