/** `signalbox limits`: rules about requests, tokens and requests at once, set, listed and removed beside those of the configuration. */
import type { Options } from '#cli/command.ts'
import { readsOptions } from '#cli/option-values.ts'
import { openLimitRoom } from '#composition/limit-room.ts'
import type { LimitRoom } from '#composition/limit-room.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { isAboutTarget, limitLevels, limitWindows } from '#core/domain/limit-rule.ts'
import type { LimitWindow } from '#core/domain/limit-rule.ts'
import { Problem } from '#core/domain/problem.ts'
import { isSameSubject } from '#services/rate-limiter/rule-shelf.ts'
import type { StoredRule } from '#services/rate-limiter/rule-shelf.ts'

const use =
  'signalbox limits set --level LEVEL [--subject ID] [--tenant NAME] [--window second|minute|hour|day] [--requests N] [--tokens N] [--concurrent N] | list | remove ID'
const windows = Object.keys(limitWindows) as readonly LimitWindow[]

/** The text to print. Throws `invalid_value` for a wrong use, `not_found` for an unknown limit. */
export async function runLimitsCommand(words: readonly string[], options: Options): Promise<string> {
  const [verb, word] = words
  const room = await openLimitRoom(loadConfig(systemSource(options['config'])))
  try {
    if (verb === 'set') return await setRule(room, options)
    if (verb === 'list') return await listRules(room)
    if (verb === 'remove' && word !== undefined) return await removeRule(room, word)
  } finally {
    await room.close()
  }
  throw readsOptions(options, use).wrong(`There is no command "limits ${words.join(' ')}".`)
}

async function setRule(room: LimitRoom, options: Options): Promise<string> {
  const reads = readsOptions(options, use)
  reads.requireOnly(['level', 'requests', 'tokens', 'concurrent', 'subject', 'tenant', 'window'])
  const level = reads.word('level', limitLevels)
  const window = options['window'] === undefined ? 'minute' : reads.word('window', windows)
  const tenantId = options['tenant']
  if (tenantId !== undefined && (level === 'tenant' || isAboutTarget(level)))
    throw reads.wrong(`--tenant has no meaning for the level ${level}.`)
  const amounts = {
    requests: reads.count('requests'),
    tokens: reads.count('tokens'),
    concurrentRequests: reads.count('concurrent'),
  }
  if ((amounts.requests ?? amounts.tokens ?? amounts.concurrentRequests) === undefined)
    throw reads.wrong('One of --requests, --tokens and --concurrent is needed.')
  const rule = { level, id: options['subject'], tenantId, window, amounts }
  const known = (await room.ruleShelf.list()).find((other) => isSameSubject(other, rule))
  const ruleId = known?.ruleId ?? room.newId()
  const stored: StoredRule = { ...rule, ruleId, setAtMs: room.nowMs(), setBy: 'command-line' }
  await room.ruleShelf.put(stored)
  return `Set: ${lineOf(stored)}`
}

async function listRules(room: LimitRoom): Promise<string> {
  const rules = await room.ruleShelf.list()
  if (rules.length === 0) return 'No limits are set beside those of the configuration.'
  return rules.map(lineOf).join('\n')
}

async function removeRule(room: LimitRoom, ruleId: string): Promise<string> {
  if (await room.ruleShelf.remove(ruleId)) return `The limit ${ruleId} is removed.`
  throw new Problem('not_found', {
    detail: `There is no limit ${ruleId}.`,
    mend: 'signalbox limits list shows them.',
  })
}

function lineOf({ ruleId, level, id, tenantId, window, amounts }: StoredRule): string {
  const subject = [tenantId, id ?? '*'].filter((word) => word !== undefined).join('/')
  const parts = [
    amounts.requests === undefined ? '' : `${amounts.requests} requests each ${window}`,
    amounts.tokens === undefined ? '' : `${amounts.tokens} tokens each ${window}`,
    amounts.concurrentRequests === undefined ? '' : `${amounts.concurrentRequests} requests at once`,
  ]
  return `${ruleId}  ${level} ${subject}  ${parts.filter((part) => part !== '').join(', ')}`
}
