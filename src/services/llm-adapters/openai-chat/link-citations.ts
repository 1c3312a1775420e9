/** Perplexity's sources: a list of links beside the choices, which the text numbers from 1. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { asArray, asObject, asString } from '#core/domain/json.ts'
import type { JsonObject } from '#core/domain/json.ts'

/** One citation event for each link, with the title that `search_results` gives it. */
export function linkCitations(body: JsonObject, choice: number): ChatEvent[] {
  const results = asArray(body['search_results']).map(asObject)
  const events: ChatEvent[] = []
  for (const link of asArray(body['citations'])) {
    const url = asString(link) ?? asString(asObject(link)?.['url'])
    if (url === undefined) continue
    const result = results.find((candidate) => candidate?.['url'] === url)
    const title = asString(result?.['title'])
    const citation = { origin: 'openai-chat', url, title, value: result ?? link } as const
    events.push({ type: 'citation', choice, citation })
  }
  return events
}
