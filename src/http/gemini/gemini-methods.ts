/** The custom methods of a model, by the name after its colon: what is not in this table does not exist. */
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'
import type { Exchange } from '#http/exchange.ts'
import { readCountTokens } from '#http/gemini/count-tokens.ts'
import { readEmbedContent } from '#http/gemini/embed-content.ts'
import { readGenerateContent } from '#http/gemini/generate-content.ts'
import { readModelMethod } from '#http/gemini/model-method.ts'
import type { RouteParts } from '#http/routes.ts'

/** Serves one method for the model that the address names. Throws a Problem while nothing has been sent. */
export type ServeMethod = (exchange: Exchange, model: string) => void | Promise<void>

export function createGeminiMethods({
  serveInference,
  serveErrand,
}: RouteParts): ReadonlyMap<string, ServeMethod> {
  return new Map<string, ServeMethod>([
    ['generateContent', (exchange, model) => serveInference(exchange, readGenerateContent(model, false))],
    [
      'streamGenerateContent',
      (exchange, model) => serveInference(exchange, readGenerateContent(model, true)),
    ],
    ['countTokens', (exchange, model) => serveErrand(exchange, readCountTokens(model))],
    ['embedContent', (exchange, model) => serveErrand(exchange, readEmbedContent(model, false))],
    ['batchEmbedContents', (exchange, model) => serveErrand(exchange, readEmbedContent(model, true))],
  ])
}

/** Finds the method that the rest of a path names. Throws `not_found` with the known ones. */
export function serveMethod(
  methods: ReadonlyMap<string, ServeMethod>,
  exchange: Exchange,
): void | Promise<void> {
  const { model, method } = readModelMethod(exchange.params['*'] ?? exchange.params['model'] ?? '')
  const serve = method === undefined ? undefined : methods.get(method)
  if (serve && model !== '') return serve(exchange, model)
  const names = [...methods.keys()]
  const known = names.map((name) => `:${name}`).join(', ')
  throw new Problem('not_found', {
    detail:
      model === ''
        ? 'The address names no model.'
        : method === undefined
          ? `The address names no method of the model "${model.slice(0, 128)}".`
          : `The method "${method.slice(0, 64)}" is not known.`,
    mend: `Call models/<model> with one of ${known}.`,
    nearest: method === undefined ? [] : nearestNames(method, names),
  })
}
