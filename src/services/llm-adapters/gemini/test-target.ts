/** A Gemini target and reading context for the tests of this folder. */
import type { Target } from '#core/domain/target.ts'
import type { DecodeContext } from '#services/llm-adapters/adapter.ts'

/** Card quirks: `thinking_level` is a model of the third generation. */
export function geminiTarget(...cardQuirks: readonly string[]): Target {
  return {
    model: 'gemini-test',
    card: {
      name: 'gemini-test',
      provider: 'google',
      providerModel: 'gemini-test',
      abilities: new Set(['text', 'tools', 'reasoning']),
      contextTokens: 1_000_000,
      maxOutputTokens: 64_000,
      prices: [],
      quirks: new Set(cardQuirks),
    },
    provider: {
      name: 'google',
      title: 'Google',
      dialect: 'gemini-generate',
      baseUrl: 'https://generativelanguage.example/v1beta',
      auth: 'none',
      keyNames: [],
      headers: {},
      quirks: new Set(),
      isSimulated: false,
    },
  }
}

export function geminiContext(isNative = false): DecodeContext {
  let minted = 0
  return { target: geminiTarget(), isNative, isUsageWanted: true, mintId: () => `minted-${(minted += 1)}` }
}
