/** The rows of the Gemini API. */
import { createGeminiMethods, serveMethod } from '#http/gemini/gemini-methods.ts'
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

export function geminiRoutes(parts: RouteParts, _ports: DoorPorts): readonly RouteRow[] {
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
  ]
}
