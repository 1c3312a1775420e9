/**
 * A crowd: those who are here at this moment, of whom many come and go. A `Set` would do but for its memory: where each
 * member soon goes again, a set builds its table anew every hundred members or so, and each old table refers to the next
 * and to everybody who was in it. Once the collector has moved one old table to where it looks seldom, all later ones
 * and their members follow it there.
 */
import type { Writable } from '#core/domain/writable.ts'

export interface Member {
  /** Where it stands; kept by the crowd that it is in, and `nowhere` in none. */
  place: number
}

export const nowhere = -1

export interface Crowd<T extends Member> {
  readonly size: number
  /** Does nothing when it is here already. */
  add(one: T): void
  /** Does nothing when it is not here. */
  remove(one: T): void
  /** Visits everybody who is here now, in no order, but those who go in the meantime. */
  each(visit: (one: T) => void): void
}

/** A member may be in one crowd at a time. */
export function createCrowd<T extends Member>(): Crowd<T> {
  const members: T[] = []
  const crowd: Writable<Crowd<T>> = {
    size: 0,
    add(one) {
      if (one.place !== nowhere) return
      crowd.size = members.push(one)
      one.place = crowd.size - 1
    },
    remove(one) {
      if (one.place === nowhere || members[one.place] !== one) return
      const last = members.pop()
      crowd.size = members.length
      if (last && last !== one) {
        last.place = one.place
        members[one.place] = last
      }
      one.place = nowhere
    },
    each(visit) {
      for (const one of members.slice()) if (one.place !== nowhere) visit(one)
    },
  }
  return crowd
}
