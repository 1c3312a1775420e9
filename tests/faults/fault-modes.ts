/** Every way to fail that is tried, in the order in which it strikes. */
import type { FaultMode } from '#tests/faults/fault-mode.ts'
import { bodyModes } from '#tests/faults/modes/bodies.ts'
import { connectingModes, headModes } from '#tests/faults/modes/connecting.ts'
import { deadlineModes } from '#tests/faults/modes/deadlines.ts'
import { endingModes } from '#tests/faults/modes/endings.ts'
import { firstWordModes } from '#tests/faults/modes/first-words.ts'
import { midAnswerModes } from '#tests/faults/modes/mid-answer.ts'
import { refusalModes } from '#tests/faults/modes/statuses.ts'
import { protocolModes } from '#tests/faults/modes/protocol.ts'
import { keyModes } from '#tests/faults/modes/keys.ts'

export const faultModes: readonly FaultMode[] = [
  ...connectingModes,
  ...headModes,
  ...protocolModes,
  ...deadlineModes,
  ...refusalModes,
  ...keyModes,
  ...bodyModes,
  ...firstWordModes,
  ...midAnswerModes,
  ...endingModes,
]
