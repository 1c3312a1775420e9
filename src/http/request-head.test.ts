/** What is read from a head: the peer behind proxies, keys, plain paths. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createPeerReader, credentialOf, credentialOfGemini, isPlainPath } from '#http/request-head.ts'

const requestFrom = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

test('a forwarded address is believed only from a trusted proxy, and only the nearest that it cannot forge', () => {
  const peerOf = createPeerReader(['10.0.0.0/8', '::1'])
  assert.equal(peerOf(requestFrom('203.0.113.9', '198.51.100.1')), '203.0.113.9')
  assert.equal(peerOf(requestFrom('10.1.2.3', '198.51.100.1')), '198.51.100.1')
  assert.equal(peerOf(requestFrom('::ffff:10.1.2.3', '198.51.100.1')), '198.51.100.1')
  assert.equal(peerOf(requestFrom('10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9')), '198.51.100.1')
  assert.equal(peerOf(requestFrom('10.1.2.3', 'garbage, unknown')), '10.1.2.3')
  assert.equal(peerOf(requestFrom('10.1.2.3')), '10.1.2.3')
  assert.equal(peerOf(requestFrom('::1', '2001:db8::7')), '2001:db8::7')
  assert.equal(createPeerReader([])(requestFrom('10.1.2.3', '198.51.100.1')), '10.1.2.3')
})

test('an empty or foreign credential is no credential', () => {
  assert.equal(credentialOf({ authorization: 'Bearer ' }, '').secret, undefined)
  assert.equal(credentialOf({ authorization: 'Basic eDp5' }, '').secret, undefined)
  assert.equal(credentialOf({ 'x-api-key': '' }, '').secret, undefined)
  assert.equal(credentialOf({ authorization: 'Bearer a', 'x-api-key': 'b' }, '').secret, 'a')
})

test('a plain path means the same to a URL parser as it says', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    'a',
    '%',
    '2f',
    '2e',
    '\\',
    '?',
    '#',
    '%41',
    ' ',
    '\u00e4',
    ';',
    '@',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = `/${pieces.join('')}`
      if (!isPlainPath(path)) return
      const parsed = new URL(`http://host${path}`)
      assert.equal(
        parsed.pathname + parsed.search,
        path.indexOf('?') === path.length - 1 ? path.slice(0, -1) : path,
      )
      assert.equal(parsed.host, 'host')
    }),
    { numRuns: 2_000 },
  )
  assert.equal(isPlainPath('/v1/models/gpt-4.1?x=%2F..%2F'), true)
})

test('an encoded slash is plain inside the name of a model and nowhere else', () => {
  for (const version of ['v1', 'v1beta', 'v1alpha']) {
    assert.ok(isPlainPath(`/${version}/models/openai%2Fgpt-4o:generateContent?alt=sse`))
    assert.ok(isPlainPath(`/${version}/models/models%2fgpt-4o`))
  }
  const others = [
    '/admin%2Fv1/keys',
    '/v1/models%2Fx',
    '/v1/models/%2Fx',
    '/v1/models/a%2F',
    '/v1/models/a%2F%2Fb',
  ]
  const dotted = ['/v1/models/a%2F..%2Fb', '/v1/models/a%2F.', '/v1/models/a%2F/b', '/v1/models/a%2f?b']
  for (const path of [...others, ...dotted]) assert.equal(isPlainPath(path), false, path)
})

test('a key in the address counts for the Gemini API, after one in a header', () => {
  const asked = (url: string, headers = {}) =>
    credentialOfGemini({ headers, url } as unknown as IncomingMessage, '').secret
  assert.equal(asked('/v1/models/x:generateContent?alt=sse&key=a%2Bb'), 'a+b')
  assert.equal(asked('/v1/models/x?%24key=c'), 'c')
  assert.equal(asked('/v1/models/x?key=a', { 'x-goog-api-key': 'b' }), 'b')
  for (const url of ['/v1/models/x?key=', '/v1/models/x', '/v1/models/x?keys=a']) {
    assert.equal(asked(url), undefined)
  }
})
