/** `signalbox keys`: keys made, listed and revoked, beside a running Signalbox too. */
import type { Options } from '#cli/command.ts'
import { openKeyRoom } from '#composition/key-room.ts'
import type { KeyRoom } from '#composition/key-room.ts'
import { loadConfig } from '#config/load.ts'
import { systemSource } from '#config/system-source.ts'
import { keyPermissions } from '#core/domain/caller.ts'
import type { Permission } from '#core/domain/caller.ts'
import { Problem } from '#core/domain/problem.ts'

const dayMs = 86_400_000

/** The text to print. Throws `invalid_value` for a wrong use, `not_found` for an unknown key. */
export async function runKeysCommand(words: readonly string[], options: Options): Promise<string> {
  const [verb, keyId] = words
  const config = loadConfig(systemSource(options['config']))
  const room = await openKeyRoom(config)
  try {
    if (verb === 'create') return await createKey(room, options)
    if (verb === 'list') return await listKeys(room, options)
    if (verb === 'revoke' && keyId !== undefined) {
      const revoked = await room.accessControl.revokeKey(room.operator, keyId)
      return `The key ${revoked.keyId} of tenant ${revoked.tenantId} is revoked. A Signalbox that runs refuses it within ten seconds.`
    }
  } finally {
    await room.close()
  }
  throw new Problem('invalid_value', {
    detail: `There is no command "keys ${words.join(' ')}".`,
    mend: 'Use: signalbox keys create | list | revoke KEY_ID',
  })
}

async function createKey(room: KeyRoom, options: Options): Promise<string> {
  const tenantId = options['tenant']
  if (tenantId === undefined) {
    throw new Problem('missing_field', { detail: 'A key belongs to a tenant.', mend: 'Add --tenant NAME.' })
  }
  const { key, info } = await room.accessControl.createKey(room.operator, {
    name: options['name'] ?? 'made on the command line',
    tenantId,
    role: 'user',
    userId: options['user'],
    teamId: options['team'],
    projectId: options['project'],
    permissions: listOf(options['permissions'])?.map(permissionOf) ?? ['inference'],
    allowedModels: listOf(options['models']),
    limits: undefined,
    expiresAtMs: expiryOf(options['expires-days'], room.nowMs()),
  })
  return `${key}\n\nThis is the only time that the key is shown. Its id is ${info.keyId}, its tenant ${info.tenantId}.`
}

async function listKeys(room: KeyRoom, options: Options): Promise<string> {
  const keys = await room.accessControl.listKeys(room.operator, { tenantId: options['tenant'] })
  if (keys.length === 0) return 'There are no keys.'
  return keys
    .map(({ keyId, tenantId, name, permissions, revokedAtMs }) =>
      [keyId, tenantId, permissions.join(','), revokedAtMs === undefined ? 'valid' : 'revoked', name].join(
        '  ',
      ),
    )
    .join('\n')
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function permissionOf(word: string): Permission {
  const permission = keyPermissions.find((name) => name === word)
  if (permission) return permission
  throw new Problem('invalid_value', {
    detail: `"${word}" is not a permission.`,
    mend: `Use some of: ${keyPermissions.join(', ')}.`,
  })
}

function expiryOf(days: string | undefined, nowMs: number): number | undefined {
  if (days === undefined) return undefined
  const count = Number(days)
  if (Number.isFinite(count) && count > 0) return nowMs + count * dayMs
  throw new Problem('invalid_value', {
    detail: `"${days}" is not a number of days.`,
    mend: 'Use --expires-days 30.',
  })
}
