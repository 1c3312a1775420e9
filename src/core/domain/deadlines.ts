/** How long each phase of one call to a provider may take. */

export interface Deadlines {
  readonly connectMs: number
  /** From sending the request to the first content of the answer. */
  readonly firstTokenMs: number
  /** Between two pieces of the body. */
  readonly idleMs: number
  readonly totalMs: number
}
