/** The legs of one stream, one after the other: where one breaks off, the next goes on if it may. */
import type { ChatEvent } from '#core/domain/answer.ts'
import { toProblem } from '#core/domain/problem.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { Writable } from '#core/domain/writable.ts'
import type { Asked } from '#core/gateway/asked.ts'
import type { BegunStream } from '#core/gateway/attempt.ts'
import { openLeg } from '#core/gateway/leg.ts'
import type { Leg } from '#core/gateway/leg.ts'
import type { Plan } from '#core/gateway/passage.ts'
import { createRescuer } from '#core/gateway/rescue.ts'
import type { Rooms } from '#core/gateway/rooms.ts'

type Batch = readonly ChatEvent[]

export interface Legs {
  /** The one whose words are given out. */
  readonly now: Leg
  readonly isRescuing: boolean
  /** The next batch of the stream, or undefined once it is complete. Throws when it breaks off for good. */
  next(): Promise<Batch | undefined>
}

export function openLegs(rooms: Rooms, plan: Plan<Asked>, begun: BegunStream): Legs {
  const { passage } = plan
  const rescuer = createRescuer(rooms, plan, begun)
  const first = openLeg(begun, passage.workload)
  let read = () => first.next()
  /** Batches that wait to be given out. */
  let waiting: Batch[] = []

  const rescue = async (problem: Problem): Promise<Batch[]> => {
    if (!rescuer || passage.isClosed || passage.asked.signal.aborted) throw problem
    legs.isRescuing = true
    const onward = await rescuer.goOn(legs.now, problem)
    legs.isRescuing = false
    if (!onward) throw problem
    legs.now = onward.leg
    read = onward.read
    return onward.first.length > 0 ? [[onward.mark], onward.first] : [[onward.mark]]
  }
  const legs: Writable<Legs> = {
    now: first,
    isRescuing: false,
    async next() {
      let events = waiting.shift()
      while (!events) {
        try {
          events = await read()
          break
        } catch (thrown) {
          waiting = await rescue(toProblem(thrown))
          events = waiting.shift()
        }
      }
      if (events) rescuer?.hear(events)
      return events
    },
  }
  return legs
}
