/** What no kept response can mend: refused by name, before anything is asked. */
import { Problem } from '#core/domain/problem.ts'
import type { ResponseRequest } from '#http/openai/responses/response-request-schema.ts'

/** Throws `unsupported_feature` naming the member. What points at kept responses was put in place before, where any are. */
export function refuseStored(request: ResponseRequest): void {
  if (isStated(request.previous_response_id)) throw notStored('previous_response_id', 'previous_response_id')
  if (isStated(request.conversation)) {
    throw new Problem('unsupported_feature', {
      param: 'conversation',
      detail: 'conversation points at something stored, and no conversation is stored here.',
      mend: `Send the earlier items themselves in \`input\`, or \`previous_response_id\` where the operator has turned \`${storeSetting}\` on.`,
    })
  }
  if (request.background === true) {
    throw new Problem('unsupported_feature', {
      param: 'background',
      detail:
        'background cannot be true: a response is stored here when it is whole, so none could be waited for.',
      mend: 'Leave background out; use stream for long answers.',
    })
  }
  if (isStated(request.prompt)) {
    throw new Problem('unsupported_feature', {
      param: 'prompt',
      detail:
        'prompt names a text that is kept at a provider, where it can be neither checked nor translated.',
      mend: 'Send the text itself in `instructions` and `input`.',
    })
  }
}

const isStated = (value: unknown) => value !== undefined && value !== null

/** The setting that the operator would turn on. */
export const storeSetting = 'responses.store'

export function notStored(param: string, what: string): Problem {
  return new Problem('unsupported_feature', {
    param,
    detail: `${what} points at something stored, and no response is stored here.`,
    mend: `Send the earlier items themselves in \`input\`; clients do so when they are told \`store: false\`. The operator can turn \`${storeSetting}\` on.`,
  })
}
