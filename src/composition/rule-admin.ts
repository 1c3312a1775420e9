/** Rate limits for the admin API: the operator alone sees and sets them, for a rule by name takes the place of the general one. */
import type { HouseParts } from '#composition/house.ts'
import type { OpenRooms } from '#composition/open-rooms.ts'
import type { Caller } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'
import type { RateRuleAdminPort, RateRuleLine } from '#http/rate-rule-port.ts'
import { isSameSubject } from '#services/rate-limiter/rule-shelf.ts'
import type { StoredRule } from '#services/rate-limiter/rule-shelf.ts'

export function ruleAdmin(
  { clock, chance }: HouseParts,
  { ruleDesk }: Pick<OpenRooms, 'ruleDesk'>,
): RateRuleAdminPort {
  return {
    list(actor) {
      refuseOthers(actor)
      const configured = ruleDesk
        .configured()
        .map((rule): RateRuleLine => ({ ...rule, ruleId: undefined, setAtMs: undefined }))
      return [...configured, ...ruleDesk.stored()]
    },
    async set(actor, rule, ruleId) {
      refuseOthers(actor)
      const others = ruleDesk.stored().filter((known) => known.ruleId !== ruleId)
      if (ruleId !== undefined && others.length === ruleDesk.stored().length) return undefined
      refuseTwins(others, rule)
      const id = ruleId ?? chance.uniqueId()
      const stored: StoredRule = { ...rule, ruleId: id, setAtMs: clock.nowMs(), setBy: actor.keyId }
      await ruleDesk.put(stored)
      return stored
    },
    async remove(actor, ruleId) {
      refuseOthers(actor)
      return ruleDesk.remove(ruleId)
    },
  }
}

function refuseOthers({ role }: Caller): void {
  if (role !== 'operator')
    throw new Problem('not_permitted', { detail: 'Only the operator sees and sets rate limits.' })
}

function refuseTwins(others: readonly StoredRule[], rule: Parameters<typeof isSameSubject>[0]): void {
  const same = others.find((other) => isSameSubject(other, rule))
  if (!same) return
  throw new Problem('already_exists', {
    detail: `The limit ${same.ruleId} is for the same level, subject and window.`,
    mend: 'Change that limit, or remove it first.',
  })
}
