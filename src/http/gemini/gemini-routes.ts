/** The rows of the Gemini API. */
import { createGeminiMethods, serveMethod } from '#http/gemini/gemini-methods.ts'
import { createGeminiModels, geminiModel, geminiModelList } from '#http/gemini/gemini-models.ts'
import { generateContentRequest, generateContentResponse } from '#http/gemini/reference-schema.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

/**
 * All versions alike: clients choose among them by their own defaults. Under the unstable ones, some clients leave
 * `models/` out of the path of a name with a slash.
 */
const hiddenPaths = [
  '/v1beta/models/*',
  '/v1/models/*',
  '/v1alpha/models/*',
  '/v1beta/*',
  '/v1alpha/*',
] as const

export function geminiRoutes(parts: RouteParts, ports: DoorPorts): readonly RouteRow[] {
  const methods = createGeminiMethods(parts)
  const row = {
    method: 'POST',
    permission: 'inference',
    shape: 'gemini',
    summary:
      'The Gemini API, for every model: {model} is <model>:generateContent or <model>:streamGenerateContent.',
    serve: (exchange) => serveMethod(methods, exchange),
  } as const satisfies Omit<RouteRow, 'path'>
  return [
    {
      ...row,
      path: '/v1beta/models/:model',
      body: generateContentRequest,
      answer: { status: 200, schema: generateContentResponse },
    },
    ...hiddenPaths.map((path): RouteRow => ({ ...row, path, isHidden: true })),
    ...modelRows(createGeminiModels(ports)),
  ]
}

/** Under the stable version the addresses are shared with other APIs. */
function modelRows(models: ReturnType<typeof createGeminiModels>): readonly RouteRow[] {
  const reads = { method: 'GET', permission: 'inference', shape: 'gemini' } as const
  const list = {
    ...reads,
    summary: "The models that this key may use, in Gemini's form.",
    serve: models.list,
  }
  const one = { ...reads, summary: "One model, in Gemini's form.", serve: models.one }
  return [
    { ...list, path: '/v1beta/models', answer: { status: 200, schema: geminiModelList } },
    { ...list, path: '/v1alpha/models', isHidden: true },
    { ...one, path: '/v1beta/models/:model', answer: { status: 200, schema: geminiModel } },
    { ...one, path: '/v1beta/models/*', isHidden: true },
    { ...one, path: '/v1alpha/models/*', isHidden: true },
  ]
}
