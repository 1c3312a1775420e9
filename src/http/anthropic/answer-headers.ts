/** Headers that Anthropic's own API sends with its answers. */
import type { FlatHeaders } from '#http/receipt-headers.ts'

export const anthropicHeaders = (requestId: string): FlatHeaders => ['request-id', requestId]
