/** What a request's head says before any of its body is read: its path, its id, who sent it. */
import { BlockList, isIP } from 'node:net'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Credential } from '#core/domain/caller.ts'
import type { Chance } from '#core/domain/clock.ts'

const percent = 0x25
const dot = 0x2e
const slash = 0x2f
const question = 0x3f

/**
 * Whether a request target is one that every reader understands the same way: a path of visible ASCII, without
 * encoded or doubled slashes, backslashes, dot segments or a host. Rules by path then cannot be walked around.
 */
export function isPlainPath(url: string): boolean {
  if (url.charCodeAt(0) !== slash) return false
  for (let at = 0; at < url.length; at++) {
    const code = url.charCodeAt(at)
    if (code === question) return isPlainQuery(url, at)
    if (code <= 0x20 || code > 0x7e || code === 0x5c || code === 0x23) return false
    if (code === slash && at > 0 && url.charCodeAt(at - 1) === slash) return false
    if (code === dot && url.charCodeAt(at - 1) === slash && isDotSegment(url, at)) return false
    if (code === percent && !isHarmlessEscape(url.slice(at + 1, at + 3)) && !isSlashInModelName(url, at)) {
      return false
    }
  }
  return true
}

function isPlainQuery(url: string, from: number): boolean {
  for (let at = from; at < url.length; at++) {
    const code = url.charCodeAt(at)
    if (code <= 0x20 || code > 0x7e || code === 0x23) return false
  }
  return true
}

function isDotSegment(url: string, at: number): boolean {
  const end = url.charCodeAt(at + 1) === dot ? at + 2 : at + 1
  return end >= url.length || url.charCodeAt(end) === slash || url.charCodeAt(end) === question
}

/** Two hexadecimal digits that stand for none of slash, backslash, dot, percent or a control character. */
function isHarmlessEscape(digits: string): boolean {
  if (!/^[0-9a-fA-F]{2}$/.test(digits)) return false
  const code = Number.parseInt(digits, 16)
  return code >= 0x20 && code !== slash && code !== 0x5c && code !== dot && code !== percent && code !== 0x7f
}

/** Below these, whatever the rest of the path, stand names of models alone. */
const modelPaths = /^\/v1(?:alpha|beta)?\/models\//
const slashInName = /^%2f[a-z0-9]/i

/** A slash in a model's name (`provider/model`), which some clients encode; between two parts of the name only. */
function isSlashInModelName(url: string, at: number): boolean {
  return slashInName.test(url.slice(at, at + 4)) && url.charCodeAt(at - 1) !== slash && modelPaths.test(url)
}

const requestIdForm = /^[A-Za-z0-9._-]{1,64}$/

/**
 * A new id, with the caller's own before it when that is harmless everywhere. Holds of money and rows of usage are
 * kept under it: a caller who repeats an id must not have one hold for many requests.
 */
export function requestIdOf(headers: IncomingHttpHeaders, chance: Chance): string {
  const given = headers['x-request-id']
  const own = chance.uniqueId()
  return typeof given === 'string' && requestIdForm.test(given) ? `${given}.${own}` : own
}

/** The key that came with a request, from whichever header its client uses. */
export function credentialOf(headers: IncomingHttpHeaders, peerAddress: string): Credential {
  return { secret: secretOf(headers), peerAddress }
}

/**
 * The same for the Gemini API, whose callers may write the key into the address (`?key=`); a key in a header counts
 * more. Source: Google API "System parameters".
 */
export function credentialOfGemini({ headers, url = '' }: IncomingMessage, peerAddress: string): Credential {
  return { secret: secretOf(headers) ?? keyInQuery(url), peerAddress }
}

function keyInQuery(url: string): string | undefined {
  const from = url.indexOf('?')
  if (from < 0) return undefined
  const query = new URLSearchParams(url.slice(from + 1))
  return query.get('key') || query.get('$key') || undefined
}

function secretOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    const token = authorization.slice(7).trim()
    if (token !== '') return token
  }
  for (const name of ['x-api-key', 'x-goog-api-key']) {
    const key = headers[name]
    if (typeof key === 'string' && key !== '') return key
  }
  return undefined
}

/** Finds the address that a limit on wrong keys counts by: the peer's own, or the one that a trusted proxy names. */
export function createPeerReader(trustedPeers: readonly string[]): (request: IncomingMessage) => string {
  if (trustedPeers.length === 0) return (request) => request.socket.remoteAddress ?? ''
  const trusted = new BlockList()
  for (const peer of trustedPeers) addTrusted(trusted, peer)
  const isTrusted = (address: string) => {
    const version = isIP(address)
    return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
  return (request) => {
    const peer = unmapped(request.socket.remoteAddress ?? '')
    const forwarded = request.headers['x-forwarded-for']
    if (!isTrusted(peer) || typeof forwarded !== 'string') return peer
    // Each proxy appends the address that it saw: the last one not trusted is the nearest that cannot be forged.
    const hops = forwarded.split(',').map((hop) => hop.trim())
    return hops.findLast((hop) => isIP(hop) !== 0 && !isTrusted(hop)) ?? peer
  }
}

function addTrusted(trusted: BlockList, peer: string): void {
  const [address = '', prefix] = peer.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (prefix === undefined) trusted.addAddress(address, family)
  else trusted.addSubnet(address, Number(prefix), family)
}

const unmapped = (address: string) => (address.startsWith('::ffff:') ? address.slice(7) : address)
