/** A fallback that is asked to go on with the answer of another: as it is told to, anew, or not at all. */
import type { HeardRequest } from '#tests/faults/faulty-provider.ts'
import type { Material } from '#tests/faults/fault-mode.ts'
import { soundReply } from '#tests/faults/spoken.ts'
import { reply, write } from '#tests/faults/wire-step.ts'
import type { WireStep } from '#tests/faults/wire-step.ts'

/** `repeating` says the last words again and goes on; `anew` begins another answer; `refusing` is a 400. */
export type GoingOn = 'repeating' | 'anew' | 'refusing'

const quoted = /-----\\n(.*?)\\n-----/

/** What a fallback does about a request, in the words of this material unless it has to go on. */
export function goOn({ body }: HeardRequest, material: Material, how: GoingOn): readonly WireStep[] {
  const found = quoted.exec(body)?.[1]
  if (found === undefined || how === 'anew') return soundReply(material)
  const { wire, speech } = material
  if (how === 'refusing') return [write(reply(400, wire.refusal('invalid', 'This model does not go on.')))]
  const last = JSON.parse(`"${found}"`) as string
  const longer = { ...speech, words: [last, ' ', ...speech.words] }
  return soundReply({ ...material, speech: longer, whole: wire.whole(longer), stream: wire.stream(longer) })
}
