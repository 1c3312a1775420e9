/** What is remembered of each target: by name, bounded, the longest unused forgotten first. */

/** Far more targets than anybody configures; callers can invent names at providers whose models are not listed. */
const namesMax = 4_096
/** Below it nobody is forgotten soon, and who was used last need not be known. */
const namesInOrder = namesMax / 2

export interface RecentNames<T> {
  /** Made when it is not there yet; now the most recently used. */
  use(name: string): T
  /** As it is, without using it. */
  peek(name: string): T | undefined
  entries(): IterableIterator<[string, T]>
}

export function createRecentNames<T>(make: (name: string) => T): RecentNames<T> {
  const values = new Map<string, T>()
  return {
    use(name) {
      const known = values.get(name)
      if (known !== undefined && values.size < namesInOrder) return known
      const value = known ?? make(name)
      if (known !== undefined) values.delete(name)
      values.set(name, value)
      if (values.size > namesMax) {
        const { value: oldest } = values.keys().next()
        if (oldest !== undefined) values.delete(oldest)
      }
      return value
    },
    peek: (name) => values.get(name),
    entries: () => values.entries(),
  }
}
