/**
 * Two steps of one request as one script: its limits, and if they do not refuse, its money. It is known to the server of
 * one epoch only, like the step of the money alone.
 */
import type { Epoch } from '#services/budget-manager/shared-ledger/shelf.ts'
import { createEpochScript } from '#stores/redis/epoch-script.ts'
import type { EpochScript } from '#stores/redis/epoch-script.ts'
import { unavailable } from '#stores/redis/connection.ts'
import type { RedisConnection } from '#stores/redis/connection.ts'
import type { Offer } from '#stores/redis/joint-desk.ts'
import type { ScriptCall } from '#stores/redis/script.ts'

export interface JointStep extends Pick<EpochScript, 'arm'> {
  /**
   * One round trip. The answer of the money; `refused` when the limits did; undefined, with the limits asked alone, in
   * another epoch or session. Throws `store_unavailable`.
   */
  run(epoch: Epoch, calls: JointCalls): Promise<JointAnswer>
}

export interface JointCalls {
  readonly money: ScriptCall
  readonly limits: Offer
}

export type JointAnswer = { readonly money: unknown } | 'refused' | undefined

/**
 * KEYS: those of the money, then those of the limits. ARGV: how many of the first there are, how many arguments of the
 * money, then these, then those of the limits. Answers {answer of the limits, answer of the money}, the first alone when
 * it refuses, or `false`, having done nothing, in another epoch or session.
 */
const sourceOf = (money: string, limits: string) => `
local function limits(KEYS, ARGV)
${limits}
end
local function money(KEYS, ARGV)
${money}
end
local keys, given = tonumber(ARGV[1]), 2 + tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'v', 't:' .. ARGV[4])
if known[1] ~= ARGV[3] or known[2] ~= ARGV[5] then return false end
local first = limits({unpack(KEYS, keys + 1)}, {unpack(ARGV, given + 1)})
if type(first) == 'table' and first[1] == 0 then return {first} end
return {first, money({unpack(KEYS, 1, keys)}, {unpack(ARGV, 3, given)})}
`

/** `money` and `limits` are the steps' own scripts. */
export function createJointStep(
  connection: RedisConnection,
  sources: { readonly money: string; readonly limits: string },
): JointStep {
  const script = createEpochScript(connection, sourceOf(sources.money, sources.limits))
  return {
    arm: (epochKey, epoch) => script.arm(epochKey, epoch),
    async run(epoch, { money, limits }) {
      const keys = [...money.keys, ...limits.call.keys]
      const args = [money.keys.length, money.args.length, ...money.args, ...limits.call.args]
      try {
        const answer = await script.run(epoch, { keys, args })
        if (answer === undefined) {
          limits.goAlone()
          return undefined
        }
        if (!Array.isArray(answer)) throw unavailable('an answer that neither step understands')
        const [first, second] = answer as readonly unknown[]
        limits.resolve(first)
        return answer.length < 2 ? 'refused' : { money: second }
      } catch (failure) {
        limits.reject(failure)
        throw failure
      }
    },
  }
}
