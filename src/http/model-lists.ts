/** The addresses of models that several APIs share: a request's own headers say whose client asks. */
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { createAnthropicModels, anthropicModel, anthropicModelList } from '#http/anthropic/models.ts'
import type { Exchange } from '#http/exchange.ts'
import { createGeminiModels, geminiModel, geminiModelList } from '#http/gemini/gemini-models.ts'
import { createModels, modelEntry, modelList } from '#http/openai/models.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RouteRow } from '#http/routes.ts'

/** Whose client asks for models. A new API is a line here, and a row in `modelRoutes` below. */
type ModelShape = 'openai' | 'anthropic' | 'gemini'

export function modelShapeOf(headers: IncomingHttpHeaders): ModelShape {
  if (headers['anthropic-version'] !== undefined) return 'anthropic'
  if (headers['x-goog-api-key'] !== undefined) return 'gemini'
  return 'openai'
}

interface ModelPages {
  readonly list: (exchange: Exchange) => void
  /** Throws `model_not_found` with the nearest names. */
  readonly one: (exchange: Exchange) => void
}

export function modelRoutes(ports: DoorPorts): readonly RouteRow[] {
  const pages: Readonly<Record<ModelShape, ModelPages>> = {
    openai: createModels(ports),
    anthropic: createAnthropicModels(ports),
    gemini: createGeminiModels(ports),
  }
  const reads = { method: 'GET', permission: 'inference', shape: modelShapeOf } as const
  const one = {
    ...reads,
    summary: 'One model.',
    answer: { status: 200, schema: z.union([modelEntry, anthropicModel, geminiModel]) },
    serve: (exchange: Exchange) => pages[modelShapeOf(exchange.request.headers)].one(exchange),
  }
  return [
    {
      ...reads,
      path: '/v1/models',
      summary:
        "The models that this key may use, in Anthropic's form when `anthropic-version` is sent, in Gemini's when `x-goog-api-key` is.",
      answer: { status: 200, schema: z.union([modelList, anthropicModelList, geminiModelList]) },
      serve: (exchange) => pages[modelShapeOf(exchange.request.headers)].list(exchange),
    },
    { ...one, path: '/v1/models/:model' },
    { ...one, path: '/v1/models/*', isHidden: true },
  ]
}
