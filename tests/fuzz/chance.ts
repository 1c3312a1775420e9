/** Chance from a seed: the same text always yields the same choices, on every machine. */

export interface Chance {
  /** From 0 up to, not including, 1. */
  fraction(): number
  /** A whole number from 0 up to, not including, `count`; 0 when there is nothing to choose from. */
  below(count: number): number
  isTrue(probability: number): boolean
  /** Throws when there is nothing to pick. */
  pick<T>(choices: readonly T[]): T
}

/** The generator is sfc32, its seeding FNV-1a; both are in the public domain. */
export function createChance(seed: string): Chance {
  let a = hashOf(seed, 1)
  let b = hashOf(seed, 2)
  let c = hashOf(seed, 3)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let warming = 0; warming < 12; warming += 1) next()
  const chance: Chance = {
    fraction: () => next() / 0x1_0000_0000,
    below: (count) => (count < 1 ? 0 : next() % Math.floor(count)),
    isTrue: (probability) => chance.fraction() < probability,
    pick(choices) {
      const chosen = choices[chance.below(choices.length)]
      if (chosen === undefined && choices.length === 0) throw new Error('There is nothing to pick from.')
      return chosen as (typeof choices)[number]
    },
  }
  return chance
}

function hashOf(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1)
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
