/** What every way of sending gives back. */

export type SendOutcome =
  | { readonly isSent: true }
  | {
      readonly isSent: false
      /** In this program's own words: never an address, never a secret. */
      readonly failure: string
      /** Whether the same again would fail again: a refusal, a redirect, a missing secret. */
      readonly isLasting: boolean
    }

export const sent: SendOutcome = { isSent: true }
export const failed = (failure: string, isLasting = false): SendOutcome => ({
  isSent: false,
  failure,
  isLasting,
})

/** One attempt has this long, from the look-up of the name to the end of the answer. */
export const attemptMs = 10_000

/** The code that the system gave a failure: `ECONNREFUSED`. */
export function systemCode(thrown: unknown): string {
  const code: unknown =
    typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'no reason given'
}
