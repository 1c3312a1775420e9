/** Other names: an alias leads to a name, which may be an alias again, a few times and never in a circle. */
import { Problem } from '#core/domain/problem.ts'

const chainMax = 5

/** The name at the chain's end. Throws `config_invalid` for a circle or a chain of more than five. */
export function followAliases(aliases: ReadonlyMap<string, string>, name: string): string {
  const way = [name]
  for (let at = aliases.get(name); at !== undefined; at = aliases.get(at)) {
    if (way.includes(at)) throw badChain(name, `leads in a circle: ${[...way, at].join(' -> ')}`)
    way.push(at)
    if (way.length > chainMax + 1) throw badChain(name, `leads on more than ${chainMax} times`)
  }
  return way.at(-1) ?? name
}

function badChain(name: string, what: string): Problem {
  return new Problem('config_invalid', {
    detail: `The alias "${name}" ${what}.`,
    param: `routing.aliases.${name}`,
  })
}
