/** Tokens on a tool call, in the call's member `extra_content`. */
import type { Carry } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { readCarriedToken, writeCarriedToken } from '#http/carried-token.ts'
import type { WireToolCall } from '#http/openai/chat-schema.ts'

/** Gemini's token where Google's own OpenAI-compatible endpoint has it, every other one beside it; undefined without any. */
export function writeCallExtra(carries: readonly Carry[]): JsonObject | undefined {
  if (carries.length === 0) return undefined
  const [signature] = carries.filter(isSignatureOfGemini)
  const others = carries.filter((carry) => carry !== signature)
  return {
    ...(signature ? { google: { thought_signature: signature.value } } : {}),
    ...(others.length > 0 ? { signalbox: { carried: writeCarriedToken(others) } } : {}),
  }
}

const isSignatureOfGemini = ({ origin, kind }: Carry) =>
  origin === 'gemini-generate' && kind === 'thought_signature'

/** Throws `invalid_value` for a token of this gateway that was damaged. */
export function readCallExtra(
  extra: NonNullable<WireToolCall['extra_content']>,
  path: string,
): readonly Carry[] {
  const signature = extra.google?.thought_signature
  const carried = extra.signalbox?.carried
  return [
    ...(signature
      ? [{ origin: 'gemini-generate', kind: 'thought_signature', value: signature } as const]
      : []),
    ...(carried === undefined ? [] : (readCarriedToken(carried, `${path}.signalbox.carried`) ?? [])),
  ]
}
