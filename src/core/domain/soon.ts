/** A value that is here at once when state is in memory, and later when a store or a server stands behind it. */

export type Soon<T> = T | Promise<T>
