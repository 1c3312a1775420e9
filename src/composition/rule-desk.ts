/** The rule desk: the rate limits of the configuration and those set while running, in force together and kept in step. */
import type { Config } from '#config/config.ts'
import type { RateLimiter } from '#services/rate-limiter/rate-limiter.ts'
import type { RuleShelf, StoredRule } from '#services/rate-limiter/rule-shelf.ts'

export interface RuleDesk {
  /** The rules of the configuration. */
  configured(): Config['limits']['rules']
  /** The rules that were set while running, as they are in force here. */
  stored(): readonly StoredRule[]
  /** Takes a new configuration; rules that were set while running stay. */
  apply(next: Config): void
  /** Looks whether a rule was changed anywhere, and takes the change. To be called more than once a second. */
  refresh(): Promise<void>
  /** Sets a rule; in force here when the promise is kept, everywhere else within the second. */
  put(rule: StoredRule): Promise<void>
  remove(ruleId: string): Promise<boolean>
}

export interface RuleDeskParts {
  readonly config: Config
  readonly shelf: RuleShelf
  readonly rateLimiter: Pick<RateLimiter, 'apply'>
}

/** Throws `store_unavailable` when the rules cannot be read: without them more could be asked than was allowed. */
export async function openRuleDesk({ config, shelf, rateLimiter }: RuleDeskParts): Promise<RuleDesk> {
  let current = config
  let version: number | undefined
  let rules: readonly StoredRule[] = []

  // The last rule of one level, subject and window counts: what was set while running.
  const enforce = () => rateLimiter.apply({ ...current.limits, rules: [...current.limits.rules, ...rules] })
  const refresh = async () => {
    const seen = await shelf.version()
    if (seen === version) return
    // Read after the version: a change in between is read twice, and never missed.
    rules = await shelf.list()
    version = seen
    enforce()
  }

  await refresh()
  return {
    configured: () => current.limits.rules,
    stored: () => rules,
    apply(next) {
      current = next
      enforce()
    },
    refresh,
    async put(rule) {
      await shelf.put(rule)
      await refresh()
    },
    async remove(ruleId) {
      const wasThere = await shelf.remove(ruleId)
      await refresh()
      return wasThere
    },
  }
}
