/** What may be limited in requests, tokens and requests at once, and over which spans of time. */

export const limitLevels = [
  'tenant',
  'team',
  'project',
  'user',
  'key',
  'end_user',
  'model',
  'provider',
] as const

export type LimitLevel = (typeof limitLevels)[number]

/** Milliseconds. A bucket holds a window's worth and refills evenly: nothing begins anew at a full hour or day. */
export const limitWindows = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

export type LimitWindow = keyof typeof limitWindows

export interface LimitRule {
  readonly level: LimitLevel
  /** Whose limit; undefined is each one of the level for itself, where no rule names it. */
  readonly id: string | undefined
  /** The tenant that the team, project, user, key or end user belongs to; undefined is any. */
  readonly tenantId: string | undefined
  readonly window: LimitWindow
  readonly amounts: LimitAmounts
}

/** Undefined means no limit. */
export interface LimitAmounts {
  readonly requests: number | undefined
  readonly tokens: number | undefined
  readonly concurrentRequests: number | undefined
}

/** Whether everybody's requests count together at this level, whatever their tenant. */
export const isAboutTarget = (level: LimitLevel): boolean => level === 'model' || level === 'provider'
