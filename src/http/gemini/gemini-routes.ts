/** The rows of the Gemini API. */
import type { DoorPorts } from '#http/ports.ts'
import type { RouteParts, RouteRow } from '#http/routes.ts'

export function geminiRoutes(_parts: RouteParts, _ports: DoorPorts): readonly RouteRow[] {
  return []
}
