/** The choice among the tracks of one provider: the best standing first, by weight among those of the same standing. */

/** From the best to the last resort. A track that must not be asked at all still has a number: it says for how long. */
export const standings = {
  good: 0,
  /** Left out among its equals, or broken by another instance's word. */
  doubtful: 1,
  /** Cooling down: asked only when nothing else is left, for a limit is rarely a limit for everything. */
  resting: 2,
  /** Asked for this very request already. */
  tried: 3,
  shut: 4,
} as const

export type Standing = (typeof standings)[keyof typeof standings]

export interface Standings {
  readonly standing: Standing
  readonly weight: number
}

/** The position of the one to ask. `fraction` is from 0 (included) to 1 (excluded); without any weight all are equal. */
export function chooseTrack(tracks: readonly Standings[], fraction: number): number {
  let best: Standing = standings.shut
  for (const { standing } of tracks) if (standing < best) best = standing
  let total = 0
  let equals = 0
  for (const { standing, weight } of tracks) {
    if (standing !== best) continue
    total += weight
    equals++
  }
  const shareOf = (weight: number) => (total > 0 ? weight : 1)
  let point = fraction * (total > 0 ? total : equals)
  let last = 0
  for (const [position, { standing, weight }] of tracks.entries()) {
    if (standing !== best || shareOf(weight) === 0) continue
    if (point < shareOf(weight)) return position
    point -= shareOf(weight)
    last = position
  }
  return last
}
