/** Prepaid balances for the admin API: who may see and pay into which, and what is left of each. */
import type { HouseParts } from '#composition/house.ts'
import type { OpenRooms } from '#composition/open-rooms.ts'
import type { Caller } from '#core/domain/caller.ts'
import { zeroUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'
import type { BalanceAdminPort, BalanceLine, BalanceOwner, NewTopUp, TopUpLine } from '#http/ports.ts'
import type { PrepaidAccount, PrepaidOwner, TopUp } from '#services/budget-manager/top-up-book.ts'

type Rooms = Pick<OpenRooms, 'budgetDesk' | 'budgetManager'>

export function balanceAdmin({ clock }: Pick<HouseParts, 'clock'>, rooms: Rooms): BalanceAdminPort {
  const { budgetDesk } = rooms
  return {
    async list({ role, tenantId }) {
      const seen = budgetDesk
        .accounts()
        .filter((account) => role === 'operator' || account.tenantId === tenantId)
      return Promise.all(seen.map(async (account) => lineOf(rooms, account)))
    },
    async topUp(actor, wish) {
      const owner = ownerOf(actor, wish)
      refuseForeignPayment(actor, owner)
      refuseTooMuch(accountOf(rooms, owner), wish)
      const { topUp, isNew } = await budgetDesk.topUp({
        ...owner,
        topUpId: wish.id,
        amountNanoUsd: wish.amountNanoUsd,
        note: wish.note,
        addedAtMs: clock.nowMs(),
        addedBy: actor.keyId,
      })
      if (!isNew) refuseOtherWords(topUp, owner, wish)
      return { topUp: writtenTopUp(topUp), isNew, balance: await lineOf(rooms, accountOf(rooms, owner)) }
    },
    async history(actor, asked, limit) {
      const owner = ownerOf(actor, asked)
      if (actor.role !== 'operator' && owner.tenantId !== actor.tenantId) {
        throw new Problem('not_permitted', {
          detail: 'Only the operator sees balances beyond the own tenant.',
        })
      }
      return (await budgetDesk.history(owner, limit)).map(writtenTopUp)
    },
  }
}

const ownerOf = ({ tenantId: own }: Caller, { scope, subject, tenantId }: BalanceOwner): PrepaidOwner => ({
  scope,
  id: subject,
  tenantId: scope === 'tenant' ? subject : (tenantId ?? own),
})

function accountOf({ budgetDesk }: Rooms, owner: PrepaidOwner): PrepaidAccount {
  const known = budgetDesk.accounts().find((account) => isSame(account, owner))
  return known ?? { ...owner, paidInNanoUsd: zeroUsd, topUps: 0 }
}

const isSame = (a: PrepaidOwner, b: PrepaidOwner) =>
  a.scope === b.scope && a.tenantId === b.tenantId && a.id === b.id

async function lineOf({ budgetManager }: Rooms, account: PrepaidAccount): Promise<BalanceLine> {
  const { scope, id, tenantId, paidInNanoUsd, topUps } = account
  const { settled, reserved } = await budgetManager.spent({ scope, id, tenantId, window: 'prepaid' })
  return {
    scope,
    subject: id,
    tenantId,
    topUps,
    paidInNanoUsd,
    spentNanoUsd: settled,
    heldNanoUsd: reserved,
  }
}

const writtenTopUp = ({ topUpId, scope, id, ...rest }: TopUp): TopUpLine => ({
  id: topUpId,
  scope,
  subject: id,
  ...rest,
})

/** A tenant pays the operator; what it gives its own teams, users and keys of that is its own affair. */
function refuseForeignPayment({ role, tenantId }: Caller, owner: PrepaidOwner): void {
  if (role === 'operator') return
  if (owner.scope !== 'tenant' && owner.tenantId === tenantId) return
  throw new Problem('not_permitted', {
    detail: "Only the operator pays into a tenant's balance, and into balances beyond the own tenant.",
    param: owner.scope === 'tenant' ? 'subject' : 'tenant_id',
  })
}

function refuseTooMuch({ paidInNanoUsd }: PrepaidAccount, { amountNanoUsd }: NewTopUp): void {
  if (Number.isSafeInteger(paidInNanoUsd + amountNanoUsd)) return
  throw new Problem('invalid_value', {
    param: 'amount_usd',
    detail:
      'With this amount more than $9,007,199 would have been paid in, which is the most that is counted.',
  })
}

function refuseOtherWords(topUp: TopUp, owner: PrepaidOwner, wish: NewTopUp): void {
  if (isSame(topUp, owner) && topUp.amountNanoUsd === wish.amountNanoUsd) return
  throw new Problem('already_exists', {
    detail: `A top-up with the id ${wish.id} was paid in before, into another balance or of another amount.`,
    mend: 'Give each payment an id of its own.',
  })
}
