/** The OpenAPI document, from the same table and schemas that serve and check requests. */
import type { FastifyInstance, FastifySchema } from 'fastify'
import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { RouteRow } from '#http/routes.ts'

export const problemAnswer = z
  .object({
    error: z.looseObject({
      code: z.string().describe('A code of the error catalogue.'),
      message: z.string(),
      param: z.string().nullish().describe('The field that is wrong, as a path.'),
    }),
  })
  .meta({ id: 'Problem' })

/** Must be registered before the routes that it describes. */
export async function registerOpenapi(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Signalbox',
        version,
        description: 'One gateway between applications and every LLM provider.',
      },
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer' },
          headerKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
}

/** What the document says of a route. */
export function routeSchema(row: RouteRow): FastifySchema {
  return {
    summary: row.summary,
    tags: [row.path.split('/')[1] || 'pages'],
    hide: row.method === 'HEAD' || row.isHidden === true,
    security: row.permission === 'public' ? [] : [{ key: [] }, { headerKey: [] }],
    ...(row.body ? { body: row.body } : {}),
    ...(row.query ? { querystring: row.query } : {}),
    ...(row.path.includes(':') ? { params: pathParams(row.path) } : {}),
    response: responses(row),
  }
}

function pathParams(path: string): z.ZodType {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])))
}

function responses(row: RouteRow): Record<string, unknown> {
  const found: Record<string, unknown> = {
    default: problemAnswer.describe('What went wrong and how to mend it.'),
  }
  if (row.answer) found[String(row.answer.status)] = row.answer.schema
  if (row.contentTypes) {
    const content = row.contentTypes.map((type) => [type, { schema: z.string() }])
    found['200'] = { description: row.summary, content: Object.fromEntries(content) as unknown }
  }
  return found
}
