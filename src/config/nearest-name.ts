/** The known name that a mistyped one most likely means. */

/** The nearest of the names, or undefined when none is near enough to be what was meant. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const asked = wrong.toLowerCase().slice(0, 128)
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const name of names) {
    const known = name.toLowerCase()
    // Half a name is a common slip: `ttl` for `default_ttl`.
    const isPart = asked.length >= 3 && (known.includes(asked) || asked.includes(known))
    const distance = isPart ? 1 : editDistance(asked, known)
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return bestDistance <= Math.max(1, Math.floor(asked.length / 3)) ? best : undefined
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment distance). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let distance = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
      )
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) distance = Math.min(distance, at(beforeLast, column - 2) + 1)
      current.push(distance)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

const at = (row: readonly number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY
