/** The addresses under which OpenAI keeps responses: nothing is kept here, and each says so. */
import { Problem } from '#core/domain/problem.ts'
import type { RouteRow } from '#http/routes.ts'

export const unstoredRoutes: readonly RouteRow[] = (
  [
    ['GET', '/v1/responses/:response'],
    ['DELETE', '/v1/responses/:response'],
    ['GET', '/v1/responses/:response/input_items'],
    ['POST', '/v1/responses/:response/cancel'],
  ] as const
).map(([method, path]) => ({
  method,
  path,
  permission: 'inference',
  shape: 'openai',
  summary: 'Answers 404: no response is stored.',
  isHidden: true,
  serve({ params }) {
    const name = (params['response'] ?? '').slice(0, 80)
    throw new Problem('not_found', {
      detail: `No response is stored here, so "${name}" cannot be found.`,
      mend: 'Keep what a response says when it comes; send its items back in `input`.',
    })
  },
}))
