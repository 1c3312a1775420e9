/** The ids of one answer's tool calls: results are told apart by them, so that no two may be equal. */

/** The id to use for the next call, from the provider's own, which may be missing or empty. */
export type CallIds = (own: string | undefined) => string

/** The provider's own id where it is new in this answer; else one made here. */
export function createCallIds(mintId: () => string): CallIds {
  const used = new Set<string>()
  return (own) => {
    const id = own === undefined || own === '' || used.has(own) ? mintId() : own
    used.add(id)
    return id
  }
}
