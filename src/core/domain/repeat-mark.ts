/** What a caller marks a request with so that it is carried out once, however often it is sent. */

export interface RepeatMark {
  /** The caller's `Idempotency-Key`: at most 255 visible ASCII characters. */
  readonly key: string
  /** A digest of where and what was asked: a repetition has the same one. */
  readonly fingerprint: string
}
