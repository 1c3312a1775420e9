/** One request's whole life, in order. Each stage hands the next a narrower promise; none looks back. */
import type { Gateway, Reply } from '#core/gateway/asked.ts'
import { executeStream, executeWhole } from '#core/gateway/execute.ts'
import { replay, settleStream } from '#core/gateway/flow.ts'
import { guard } from '#core/gateway/guard.ts'
import { openPassage } from '#core/gateway/passage.ts'
import type { KnownPlan, Passage } from '#core/gateway/passage.ts'
import { makePlan } from '#core/gateway/plan.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { settleKnown, settleRefused, settleWhole } from '#core/gateway/settle.ts'

/** The corridor: the door authenticates first, from a request's head alone, and then asks with what it read. */
export function createGateway(rooms: Rooms): Gateway {
  return {
    authenticate: (credential, permission) => rooms.accessControl.authenticate(credential, permission),
    async ask(caller, asked) {
      const passage = openPassage(caller, asked)
      try {
        return await travel(rooms, passage)
      } catch (thrown) {
        throw settleRefused(rooms, passage, thrown)
      }
    },
  }
}

async function travel(rooms: Rooms, passage: Passage): Promise<Reply> {
  const { receipt } = passage
  const guarded = await guard(rooms, passage)
  const plan = await makePlan(rooms, guarded)
  if (plan.kind === 'known') return giveKnown(rooms, plan)

  // From here money is held: every way out passes through settle, here or in the catch above.
  if (passage.asked.question.isStreamed) {
    const begun = await executeStream(rooms, plan)
    return { kind: 'stream', events: settleStream(rooms, plan, begun), receipt }
  }
  return { kind: 'whole', answer: await settleWhole(rooms, plan, executeWhole(rooms, plan)), receipt }
}

function giveKnown(rooms: Rooms, plan: KnownPlan): Reply {
  const { receipt } = plan.passage
  settleKnown(rooms, plan)
  if (plan.known.answer) return { kind: 'whole', answer: plan.known.answer, receipt }
  return { kind: 'stream', events: replay(plan.known.events ?? []), receipt }
}
