/** Names of the form `provider/name`: any model of a provider that is configured, known to the catalogue or not. */
import { routeModel, unknownCard } from '#services/routing-engine/routed-model.ts'
import type { RoutedModel } from '#services/routing-engine/routed-model.ts'
import type { OfferedProvider } from '#services/routing-engine/routing-sources.ts'

/** Such a name comes from a caller and goes into addresses, metrics and rows. */
const namePattern = /^[A-Za-z0-9][\w.:@/+-]{0,199}$/

/** The model of a live provider that offers everything it has, or undefined when the name is no such thing. */
export function unlistedModel(
  name: string,
  offers: ReadonlyMap<string, OfferedProvider>,
): RoutedModel | undefined {
  const slash = name.indexOf('/')
  if (slash <= 0 || slash === name.length - 1) return undefined
  const offer = offers.get(name.slice(0, slash))
  const model = name.slice(slash + 1)
  if (offer?.state !== 'live' || offer.models !== undefined || !namePattern.test(model)) return undefined
  return routeModel(unknownCard(name, model, offer), offer, undefined)
}
