/** The API reference: its page and script from our own files, made when somebody first looks at them. */
import fastify from 'fastify'
import { Problem } from '#core/domain/problem.ts'
import { sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'

export const docsPath = '/docs'
const scriptPath = '/docs/js/scalar.js'
export const openapiPath = '/docs/openapi.json'

interface Pages {
  readonly page: string
  readonly script: string
}

export function createDocs(openapi: () => object) {
  let document: string | undefined
  let pages: Promise<Pages> | undefined

  return {
    page: async (exchange: Exchange): Promise<void> => {
      pages ??= renderPages()
      const { page } = await pages
      sendText(exchange, {
        contentType: 'text/html; charset=utf-8',
        text: page,
        headers: { 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' },
      })
    },
    script: async (exchange: Exchange): Promise<void> => {
      pages ??= renderPages()
      const { script } = await pages
      sendText(exchange, {
        contentType: 'text/javascript; charset=utf-8',
        text: script,
        headers: { 'cache-control': 'public, max-age=3600' },
      })
    },
    openapi: (exchange: Exchange): void => {
      document ??= JSON.stringify(openapi())
      sendText(exchange, { contentType: 'application/json', text: document })
    },
  }
}

/** The reference is 30 MB once loaded: a gateway whose reference nobody reads never loads it. */
async function renderPages(): Promise<Pages> {
  const { default: apiReference } = await import('@scalar/fastify-api-reference')
  const renderer = fastify({ logger: false })
  try {
    await renderer.register(apiReference, {
      routePrefix: docsPath,
      configuration: {
        url: openapiPath,
        pageTitle: 'Signalbox API',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
      },
    })
    const page = await renderer.inject(`${docsPath}/`)
    const script = await renderer.inject(scriptPath)
    if (page.statusCode !== 200 || script.statusCode !== 200) throw new Problem('internal_error')
    // The page names its script relative to an address that ends with a slash, which ours does not.
    return { page: page.body.replace('src="js/scalar.js"', `src="${scriptPath}"`), script: script.body }
  } finally {
    await renderer.close()
  }
}
