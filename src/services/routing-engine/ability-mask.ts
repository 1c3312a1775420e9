/** Abilities as bits of one number, so that "can do all of this" is one comparison. */
import type { Ability } from '#core/domain/model-card.ts'

const bitOf = {
  text: 0,
  streaming: 1,
  image_input: 2,
  pdf_input: 3,
  audio_input: 4,
  video_input: 5,
  image_output: 6,
  audio_output: 7,
  tools: 8,
  tool_choice: 9,
  parallel_tools: 10,
  json_object: 11,
  json_schema: 12,
  reasoning: 13,
  temperature: 14,
  system_prompt: 15,
  logprobs: 16,
  multiple_answers: 17,
  stop_sequences: 18,
  prompt_caching: 19,
  embeddings: 20,
  rerank: 21,
  moderation: 22,
} as const satisfies Record<Ability, number>

/** Every ability there is. */
export const allAbilities = Object.keys(bitOf) as readonly Ability[]

export function maskOf(abilities: ReadonlySet<Ability>): number {
  let mask = 0
  for (const ability of abilities) mask |= 1 << bitOf[ability]
  return mask
}

/** The abilities of a mask, in the order above. */
export function abilitiesOf(mask: number): readonly Ability[] {
  return allAbilities.filter((ability) => (mask & (1 << bitOf[ability])) !== 0)
}
