import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { problemOfSocket } from '#services/llm-adapters/transport/socket-problem.ts'

const broken = (code: string | undefined) =>
  Object.assign(new Error('broken'), code === undefined ? {} : { code })

test('before the reply a broken socket is unreachable, and the sentence says what broke', () => {
  const sentences: Record<string, RegExp> = {
    ECONNREFUSED: /refused the connection/,
    ENOTFOUND: /name could not be resolved/,
    EAI_AGAIN: /name could not be resolved/,
    UND_ERR_CONNECT_TIMEOUT: /did not accept the connection in time/,
    ECONNRESET: /closed the connection before/,
    UND_ERR_SOCKET: /closed the connection before/,
    CERT_HAS_EXPIRED: /certificate is not valid/,
    DEPTH_ZERO_SELF_SIGNED_CERT: /certificate is not valid/,
    ERR_TLS_CERT_ALTNAME_INVALID: /certificate is not valid/,
    EPIPE: /could not be reached/,
  }
  for (const [code, sentence] of Object.entries(sentences)) {
    const problem = problemOfSocket(broken(code), false)
    assert.equal(problem.code, 'provider_unreachable')
    assert.match(problem.message, sentence)
    assert.equal(problem.details.upstreamCode, code)
  }
  assert.equal(problemOfSocket(broken(undefined), false).code, 'provider_unreachable')
})

test('a head that contradicts itself or never ends is malformed, though the socket was closed for it', () => {
  for (const code of ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW']) {
    assert.equal(problemOfSocket(broken(code), false).code, 'provider_malformed')
    assert.equal(problemOfSocket(broken(code), true).code, 'stream_cut')
  }
})

test('inside the reply it is a cut, and what is no HTTP is malformed, without the bytes that were not', () => {
  assert.equal(problemOfSocket(broken('ECONNRESET'), true).code, 'stream_cut')
  const unreadable = Object.assign(new Error('Response does not match the HTTP/1.1 protocol'), {
    name: 'HTTPParserError',
    data: 'canary',
  })
  for (const hasBegun of [false, true]) {
    const problem = problemOfSocket(unreadable, hasBegun)
    assert.equal(problem.code, hasBegun ? 'stream_cut' : 'provider_malformed')
    assert.ok(!inspect(problem, { depth: 9 }).includes('canary'))
  }
})
