/** One run at a time for each name, however many wait for it. */

export function oneAtATime<T>(run: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  return (name) => {
    let current = running.get(name)
    if (!current) {
      current = run(name).finally(() => running.delete(name))
      running.set(name, current)
    }
    return current
  }
}
