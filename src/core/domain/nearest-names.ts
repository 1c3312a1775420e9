/** The known names that a mistyped one most likely means. */

/** At most `most` names near enough to be what was meant, best first; possibly none. */
export function nearestNames(wrong: string, names: Iterable<string>, most = 3): readonly string[] {
  const asked = wrong.toLowerCase().slice(0, 128)
  const farthest = Math.max(1, Math.floor(asked.length / 3))
  const near: { readonly name: string; readonly distance: number }[] = []
  for (const name of names) {
    const known = name.toLowerCase()
    // Half a name is a common slip: `tokens` for `max_tokens`.
    const isPart = asked.length >= 3 && known !== '' && (known.includes(asked) || asked.includes(known))
    // Every letter more or less is a change, so most names need no closer look.
    const isFar = Math.abs(known.length - asked.length) > farthest
    const distance = isPart ? 1 : isFar ? Number.POSITIVE_INFINITY : editDistance(asked, known)
    if (distance <= farthest) near.push({ name, distance })
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name)
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment distance). */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  const at = (row: readonly number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const changed = Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced)
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(isSwap ? Math.min(changed, at(beforeLast, column - 2) + 1) : changed)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}
