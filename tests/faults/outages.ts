/** The outages of the scorecard: a dozen ways in which a target is dead for three minutes. */
import { flapping } from '#tests/faults/outage.ts'
import type { OutagePlan } from '#tests/faults/outage.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import type { FaultMode } from '#tests/faults/fault-mode.ts'

function wireOf(name: string): FaultMode['wire'] {
  const mode = faultModes.find((one) => one.name === name)
  if (!mode) throw new Error(`there is no fault called ${name}`)
  return mode.wire
}

const named = (name: string, dialect: OutagePlan['dialect'], kind: OutagePlan['kind']): OutagePlan => ({
  name,
  dialect,
  kind,
  fails: wireOf(name),
})

/** One of them, made anew. */
export function outageNamed(name: string): OutagePlan {
  const plan = outages().find((one) => one.name === name)
  if (!plan) throw new Error(`there is no outage called ${name}`)
  return plan
}

/** Made anew for each run: a target that flaps counts. */
export const outages = (): readonly OutagePlan[] => [
  { name: 'connection refused', dialect: 'openai-chat', kind: 'stream', fails: 'gone' },
  named('reset after the request', 'anthropic-messages', 'whole'),
  named('no answer at all', 'openai-chat', 'stream'),
  named('silent within the headers', 'gemini-generate', 'whole'),
  named('silent before the first word', 'openai-responses', 'stream'),
  named('status 500', 'openai-responses', 'whole'),
  named('status 503', 'gemini-generate', 'stream'),
  named('status 529', 'anthropic-messages', 'stream'),
  named('status 429', 'openai-chat', 'stream'),
  named('status 401', 'cohere-chat', 'whole'),
  named('a page of HTML under a success status', 'cohere-chat', 'stream'),
  named('ended before the first word', 'gemini-generate', 'stream'),
  named('an error before the first word', 'anthropic-messages', 'stream'),
  {
    name: 'flapping: every second request refused with 500',
    dialect: 'openai-chat',
    kind: 'stream',
    fails: flapping(wireOf('status 500')),
  },
]
