/** Any adapter with what all of them need around it: the table of support asked, the question fitted, the answer read back. */
import { namesOfPassedOver, passedOverBy, refusedBy, wordsFor } from '#core/domain/dialect-support.ts'
import { commonFeatures, haveCommon, isEmpty, noFeatures } from '#core/domain/feature.ts'
import type { ChatQuestion } from '#core/domain/chat.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Target } from '#core/domain/target.ts'
import type { LlmAdapter } from '#services/llm-adapters/adapter.ts'
import { fitQuestion } from '#services/llm-adapters/fitting/fit-question.ts'
import { decoderInOwnWords, inOwnWords } from '#services/llm-adapters/fitting/own-words.ts'
import { unsaidMembers } from '#services/llm-adapters/fitting/unsaid-members.ts'

/** Whether a question must be translated although it came in the target's own dialect. */
function mustBeTranslated({ tools }: ChatQuestion, { provider }: Target): boolean {
  return provider.quirks.has('functions_only') && tools?.some((tool) => tool.kind === 'custom') === true
}

/** A question in the adapter's own dialect passes through untouched, as does its answer. */
export function fittedAdapter(adapter: LlmAdapter): LlmAdapter {
  return {
    dialect: adapter.dialect,
    encode(question, target, terms) {
      if (question.native?.dialect === adapter.dialect && !mustBeTranslated(question, target)) {
        const call = adapter.encode(question, target, terms)
        const left = passedOverBy(target, true)
        const used = isEmpty(left) ? noFeatures : featuresOf(question)
        return haveCommon(left, used) ? { ...call, dropped: namesOfPassedOver(target, left, used) } : call
      }
      const features = featuresOf(question)
      const refused = refusedBy(target, false)
      // Routing has seen to this; whoever comes another way is told the same.
      if (haveCommon(refused, features)) {
        throw new Problem('unsupported_feature', {
          detail: `${target.card.name} cannot be given ${wordsFor(commonFeatures(refused, features))}.`,
          param: 'model',
        })
      }
      // An answer of no tokens only fills a cache, which one API alone can be asked for.
      if (question.maxOutputTokens === 0) {
        throw new Problem('unsupported_feature', {
          detail: `${target.card.name} cannot be asked for an answer of 0 tokens.`,
          param: 'max_tokens',
        })
      }
      const { question: fitted, toolWords } = fitQuestion({ ...question, native: undefined }, target)
      const call = adapter.encode(fitted, target, terms)
      const names = namesOfPassedOver(target, passedOverBy(target, false), features)
      const dropped = [...new Set([...names, ...call.dropped, ...unsaidMembers(question)])]
      return { ...call, dropped, ...(toolWords ? { toolWords } : {}) }
    },
    decode(reply, context) {
      const answer = adapter.decode(reply, context)
      return context.toolWords ? inOwnWords(answer, context.toolWords) : answer
    },
    openStream(context) {
      const decoder = adapter.openStream(context)
      return context.toolWords ? decoderInOwnWords(decoder, context.toolWords) : decoder
    },
    explain: (reply, target) => adapter.explain(reply, target),
  }
}
