/** The rows of the Anthropic API. */
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function anthropicRoutes(_parts: RouteParts): readonly RouteRow[] {
  return []
}
