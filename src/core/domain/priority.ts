/** Priority: who goes first, and who is turned away first, when there is more work than can be done. */

/** The most urgent first. `critical`: somebody waits and must be served; `batch`: nobody waits. */
export const priorities = ['critical', 'normal', 'batch'] as const

export type Priority = (typeof priorities)[number]

/** What requests have that say nothing, and the most that keys may use that say nothing. */
export const usualPriority: Priority = 'normal'

/** The less urgent of two. */
export function lowerPriority(one: Priority, other: Priority): Priority {
  return priorities.indexOf(one) > priorities.indexOf(other) ? one : other
}
