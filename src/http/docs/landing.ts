/** What a visitor of `/` sees: the endpoints by name. */
import { sendJson, sendText } from '#http/exchange.ts'
import type { Exchange } from '#http/exchange.ts'

export interface Endpoint {
  readonly method: string
  readonly path: string
  readonly summary: string
}

export function createLanding(version: string, endpoints: () => readonly Endpoint[]) {
  return (exchange: Exchange): void => {
    if (exchange.request.headers.accept?.includes('text/html')) {
      sendText(exchange, {
        contentType: 'text/html; charset=utf-8',
        text: landingPage(version, endpoints()),
        headers: {
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        },
      })
    } else sendJson(exchange, { name: 'signalbox', version, docs: '/docs', endpoints: endpoints() })
  }
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}' +
  'table{border-collapse:collapse;width:100%}td{padding:.25rem .75rem .25rem 0;vertical-align:top}code{white-space:nowrap}'

function landingPage(version: string, endpoints: readonly Endpoint[]): string {
  const rows = endpoints.map(
    ({ method, path, summary }) => `<tr><td><code>${method} ${path}</code></td><td>${summary}</td></tr>`,
  )
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Signalbox</title><style>${style}</style></head>` +
    `<body><h1>Signalbox</h1><p>Version ${version}. One gateway between applications and every LLM provider. ` +
    `<a href="/docs">API reference</a></p><table>${rows.join('')}</table></body></html>`
  )
}
