/** The settings of idempotency keys in the form that the house reads. */
import type { IdempotencyConfig, StorageConfig } from '#config/config.ts'
import type { AdminConfig } from '#config/schema.ts'

/** A waiting instance looks every second. */
const handedUsuallyMs = 10_000

export function toIdempotency({ idempotency }: AdminConfig, { redis }: StorageConfig): IdempotencyConfig {
  const handedMs = idempotency.answers_handed_ms
  return {
    isEnabled: idempotency.enabled,
    rememberMs: idempotency.remember_ms,
    leaseMs: idempotency.lease_ms,
    waitMs: idempotency.wait_ms,
    waitingMax: idempotency.waiting_max,
    streamBytesMax: idempotency.stream_bytes_max,
    lingerMs: idempotency.linger_ms,
    answersKeptMs: idempotency.answers_kept_ms,
    answersHandedMs: handedMs === 'auto' ? (redis ? handedUsuallyMs : 0) : handedMs,
    answerBytesMax: idempotency.answer_bytes_max,
  }
}
