/** The store of responses: conversations kept for those who had them, when the operator turns it on. */
import { hash } from 'node:crypto'
import type { Caller } from '#core/domain/caller.ts'
import type { Clock } from '#core/domain/clock.ts'
import { Problem } from '#core/domain/problem.ts'
import { outputOf, readKept, writeKept } from '#core/domain/kept-response.ts'
import type { KeptItem, KeptResponse } from '#core/domain/kept-response.ts'
import type { ResponseSeal } from '#services/response-store/response-seal.ts'
import type { ResponseShelf, ShelfName } from '#services/response-store/response-shelf.ts'

export interface ResponseStoreSettings {
  readonly isOn: boolean
  readonly keepMs: number
  /** Of one response with its whole conversation, before it is sealed. */
  readonly responseBytesMax: number
  /** Of a tenant. */
  readonly responsesMax: number
}

export interface ResponseStorePorts {
  readonly shelf: ResponseShelf
  /** Undefined without a key: then nothing can be kept, and the settings are not on. */
  readonly seal: ResponseSeal | undefined
  readonly clock: Clock
  readonly report: (failure: unknown, place: string) => void
}

/** A conversation that goes on lies whole in its newest response; a request must not have a whole shelf opened. */
const openedMost = 64

const tooScattered = () =>
  new Problem('invalid_value', {
    param: 'input',
    detail: `The request points at items of more than ${openedMost} responses.`,
    mend: 'Send the items themselves, or go on from one response with `previous_response_id`.',
  })

type Owner = Pick<Caller, 'tenantId' | 'keyId' | 'userId'>

export interface NewResponse extends KeptResponse {
  readonly id: string
  /** The ids of those items that came with this very request or answer. */
  readonly ownItems: readonly string[]
}

export interface ResponseCounts {
  readonly kept: number
  /** Too large, or the store was away. */
  readonly notKept: number
}

export interface ResponseStore {
  isOn(): boolean
  /** Whether it is kept now: not when it is too large or the store is away. Never throws: its answer was paid. */
  keep(owner: Owner, response: NewResponse): Promise<boolean>
  /** Undefined for what is not there, and just so for what belongs to somebody else. Throws `store_unavailable`. */
  find(owner: Owner, id: string): Promise<KeptResponse | undefined>
  /** The items of these ids, or fewer when one of them is not kept. Throws `invalid_value`, `store_unavailable`. */
  findItems(owner: Owner, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, KeptItem>>
  /** Whether there was one. Throws `store_unavailable`. */
  remove(owner: Owner, id: string): Promise<boolean>
  counts(): ResponseCounts
  prune(): Promise<void>
}

export function createResponseStore(
  ports: ResponseStorePorts,
  settings: () => ResponseStoreSettings,
): ResponseStore {
  const { shelf, clock, report } = ports
  let kept = 0
  let notKept = 0

  return {
    isOn: () => settings().isOn,
    async keep(owner, response) {
      let isKept = false
      try {
        isKept = await put(ports, settings(), owner, response)
      } catch (failure) {
        report(failure, 'keeping a response')
      }
      if (isKept) kept++
      else notKept++
      return isKept
    },
    find: (owner, id) => open(ports, placeOf(owner, 'response', id)),
    async findItems(owner, ids) {
      const found = new Map<string, KeptItem>()
      let opened = 0
      // The newest items stand last, and the response that brought them has most of those before.
      for (const id of [...ids].toReversed()) {
        if (found.has(id)) continue
        if (++opened > openedMost) throw tooScattered()
        const { tenant, name: item } = placeOf(owner, 'item', id)
        const name = await shelf.nameOfItem(tenant, item, clock.nowMs())
        const response = name === undefined ? undefined : await open(ports, { tenant, name })
        if (!response) break
        addWanted(found, ids, response)
      }
      return found
    },
    remove: async (owner, id) => shelf.remove(placeOf(owner, 'response', id), clock.nowMs()),
    counts: () => ({ kept, notKept }),
    async prune() {
      await shelf.prune(clock.nowMs())
    },
  }
}

async function open(
  { shelf, seal, clock }: ResponseStorePorts,
  place: ShelfName,
): Promise<KeptResponse | undefined> {
  const sealed = await shelf.get(place, clock.nowMs())
  const text = sealed === undefined ? undefined : seal?.open(sealedName(place), sealed)
  return text === undefined ? undefined : readKept(text)
}

async function put(
  { shelf, seal, clock }: ResponseStorePorts,
  { keepMs, responseBytesMax, responsesMax }: ResponseStoreSettings,
  owner: Owner,
  { id, ownItems, ...response }: NewResponse,
): Promise<boolean> {
  const text = writeKept(response)
  if (!seal || Buffer.byteLength(text) > responseBytesMax) return false
  const place = placeOf(owner, 'response', id)
  const items = [...new Set(ownItems)].map((item) => placeOf(owner, 'item', item).name)
  const sealed = seal.seal(sealedName(place), text)
  await shelf.put({ ...place, sealed, items, nowMs: clock.nowMs(), keepMs, responsesMax })
  return true
}

function addWanted(found: Map<string, KeptItem>, ids: ReadonlySet<string>, response: KeptResponse): void {
  for (const entry of [...response.input, ...outputOf(response)]) {
    if (ids.has(entry.id)) found.set(entry.id, entry)
  }
}

/** A key that belongs to a user stands for the user; every other key is an owner of its own. */
const ownerName = ({ keyId, userId }: Owner) => (userId === undefined ? ['key', keyId] : ['user', userId])

const sealedName = ({ tenant, name }: ShelfName) => `${tenant}/${name}`

function placeOf(owner: Owner, kind: 'response' | 'item', id: string): ShelfName {
  const { tenantId } = owner
  return {
    tenant: hash('sha256', JSON.stringify(['tenant', tenantId]), 'base64url'),
    name: hash('sha256', JSON.stringify([tenantId, ...ownerName(owner), kind, id]), 'base64url'),
  }
}
