/** The rows of the Cohere API. */
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function cohereRoutes(_parts: RouteParts): readonly RouteRow[] {
  return []
}
