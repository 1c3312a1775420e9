/** One request's whole life, in order. Each stage hands the next a narrower promise; none looks back. */
import type { ErrandAnswer, ErrandKind } from '#core/domain/errand.ts'
import type { Asked, AskedAnything, AskedErrand, Gateway, Reply } from '#core/gateway/asked.ts'
import { executeErrand, executeStream, executeWhole } from '#core/gateway/execute.ts'
import { replay, settleStream } from '#core/gateway/flow.ts'
import { guard } from '#core/gateway/guard.ts'
import { createOnce } from '#core/gateway/once.ts'
import { openPassage } from '#core/gateway/passage.ts'
import type { KnownPlan, Passage } from '#core/gateway/passage.ts'
import { makePlan, planErrand } from '#core/gateway/plan.ts'
import type { Rooms } from '#core/gateway/rooms.ts'
import { settleErrand, settleKnown, settleWhole } from '#core/gateway/settle.ts'
import { workloadOfErrand, workloadOfQuestion } from '#core/gateway/workload.ts'
import type { Workload } from '#core/gateway/workload.ts'

/** The corridor: the door authenticates first, from a request's head alone, and then asks with what it read. */
export function createGateway(rooms: Rooms): Gateway {
  const { clock } = rooms
  const begin = ({ startedAtMs }: AskedAnything, workload: Workload) => ({
    workload,
    beganAtMs: Math.round(clock.nowMs() - (clock.monotonicMs() - startedAtMs)),
  })
  const once = createOnce(rooms)
  return {
    authenticate: (credential, permission) => rooms.accessControl.authenticate(credential, permission),
    ask: (caller, asked) =>
      once(asked, {
        caller,
        open: (own) => openPassage(caller, own, begin(own, workloadOfQuestion(own.question))),
        travel: (passage) => travel(rooms, passage),
      }),
    run: (caller, asked) =>
      once(asked, {
        caller,
        open: (own) => openPassage(caller, own, begin(own, workloadOfErrand(own.errand))),
        travel: async (passage) => ({ answer: await runErrand(rooms, passage), receipt: passage.receipt }),
      }),
  }
}

async function travel(rooms: Rooms, passage: Passage<Asked>): Promise<Reply> {
  const { receipt, workload } = passage
  const guarded = guard(rooms, passage, passage.asked.question)
  const plan = await makePlan(rooms, guarded)
  if (plan.kind === 'known') return giveKnown(rooms, plan)

  // From here money is held: every way out passes through settle, here or in `once`.
  if (workload.isStreamed) {
    const begun = await executeStream(rooms, plan)
    return { kind: 'stream', events: settleStream(rooms, plan, begun), receipt }
  }
  const answered = await executeWhole(rooms, plan)
  return { kind: 'whole', answer: settleWhole(rooms, plan, answered), receipt }
}

async function runErrand<Kind extends ErrandKind>(
  rooms: Rooms,
  passage: Passage<AskedErrand<Kind>>,
): Promise<ErrandAnswer<Kind>> {
  const guarded = guard(rooms, passage)
  const plan = await planErrand(rooms, guarded)
  return settleErrand(rooms, plan, await executeErrand(rooms, plan))
}

function giveKnown(rooms: Rooms, plan: KnownPlan): Reply {
  const { receipt } = plan.passage
  settleKnown(rooms, plan)
  if (plan.known.answer) return { kind: 'whole', answer: plan.known.answer, receipt }
  return { kind: 'stream', events: replay(plan.known.events ?? []), receipt }
}
