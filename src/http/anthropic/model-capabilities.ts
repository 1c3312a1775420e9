/** What a model can do, under the names of Anthropic's Models API (reference, `ModelCapabilities`). */
import type { Ability, ModelCard } from '#core/domain/model-card.ts'
import type { JsonObject } from '#core/domain/json.ts'

const supported = (isSupported: boolean): JsonObject => ({ supported: isSupported })
const no = supported(false)

/** What this gateway offers of the model: no batches, no server tools that it would have to run itself. */
export function modelCapabilities({ abilities, quirks }: ModelCard): JsonObject {
  const has = (ability: Ability) => supported(abilities.has(ability))
  const thinks = abilities.has('reasoning')
  return {
    batch: no,
    citations: no,
    code_execution: no,
    context_management: {
      supported: false,
      clear_thinking_20251015: null,
      clear_tool_uses_20250919: null,
      compact_20260112: null,
    },
    effort: {
      supported: thinks,
      low: supported(thinks),
      medium: supported(thinks),
      high: supported(thinks),
      xhigh: supported(thinks && !quirks.has('no_xhigh_effort')),
      max: supported(thinks && !quirks.has('no_max_effort')),
    },
    image_input: has('image_input'),
    pdf_input: has('pdf_input'),
    server_tools: { supported: false, code_execution: no, web_search: no },
    structured_outputs: has('json_schema'),
    thinking: {
      supported: thinks,
      types: {
        adaptive: supported(thinks),
        between_tools: supported(thinks),
        disabled: supported(!quirks.has('thinking_always_on')),
        enabled: supported(thinks),
      },
    },
  }
}
