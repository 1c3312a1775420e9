/** Takes out of a provider's error text what callers must not see: keys, organisation ids, addresses with secrets. */

const charactersMax = 1_000

/** Each pattern matches in linear time: fixed starts, one class, no nesting. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|pk|rk|gsk|xai|pplx|sess|hf|r8|csk|fw|key|tgp)[-_][A-Za-z0-9_\-*.]{6,}/g, '[key]'],
  [/\bAIza[A-Za-z0-9_\-*]{10,}/g, '[key]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, '[key]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_\-.]{8,}/g, '[token]'],
  [/\b(Bearer|Basic) [A-Za-z0-9_\-.=+/]{6,}/gi, '$1 [key]'],
  [/\b(?:org|proj|ws|user|acct)[-_][A-Za-z0-9]{6,}/g, '[id]'],
  [/(api[ _-]?key(?: provided)?["']?\s?[:=]\s?["']?)[^\s"',.]{6,}/gi, '$1[key]'],
  [/([?&](?:key|api_key|api-key|token|access_token)=)[^&\s"']{4,}/gi, '$1[key]'],
  [/\b[A-Fa-f0-9]{32,}\b/g, '[key]'],
]

/** At most 1,000 characters on one line, without anything that looks like a secret or an account. */
export function redactProviderText(text: string): string {
  // A secret that the cut would split must go first, so more than is kept is looked at.
  let clean = text.slice(0, charactersMax * 4)
  for (const [pattern, replacement] of secrets) clean = clean.replaceAll(pattern, replacement)
  clean = clean.replaceAll(controlCharacters, ' ').trim()
  return clean.length > charactersMax ? `${clean.slice(0, charactersMax - 4)} ...` : clean
}

// oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
const controlCharacters = /[\u0000-\u001f\u007f\u2028\u2029]+/g
