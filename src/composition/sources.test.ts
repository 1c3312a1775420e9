/** Facts about which providers are live. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isOwnAddress } from '#composition/own-address.ts'
import { providerRows } from '#composition/providers.ts'
import { liveProviderNames } from '#composition/sources.ts'
import { loadGiven } from '#tests/support/given-config.ts'

/** The live names under these settings, when every provider that needs a key has one. */
function liveUnder(yaml: string): ReadonlySet<string> {
  const config = loadGiven({ yaml })
  return liveProviderNames(config, providerRows(config), () => true)
}

test('a provider without an address is not live, whatever keys there are', () => {
  assert.equal(liveUnder('server: {port: 8000}').has('azure-openai'), false)
  const named = liveUnder('providers: {azure-openai: {base_url: "https://mine.openai.azure.com"}}')
  assert.equal(named.has('azure-openai'), true)
})

test('a provider at the address of this gateway is not live', () => {
  const vllmAt = (baseUrl: string) =>
    liveUnder(`
server: {port: 8000}
providers: {vllm: {base_url: "${baseUrl}"}}`)
  assert.equal(vllmAt('http://127.0.0.1:8000/v1').has('vllm'), false)
  assert.equal(vllmAt('http://localhost:8000').has('vllm'), false)
  assert.equal(vllmAt('http://127.0.0.1:8001/v1').has('vllm'), true)
  assert.equal(vllmAt('http://vllm.example:8000/v1').has('vllm'), true)
})

test('a server without keys is live only where its address was stated, and not when it was switched off', () => {
  assert.equal(liveUnder('server: {port: 8000}').has('ollama'), false)
  const stated = 'base_url: "http://127.0.0.1:11434/v1"'
  assert.equal(liveUnder(`providers: {ollama: {${stated}}}`).has('ollama'), true)
  assert.equal(liveUnder(`providers: {ollama: {${stated}, enabled: false}}`).has('ollama'), false)
})

test('only a provider with its key is live', () => {
  const config = loadGiven()
  const live = liveProviderNames(config, providerRows(config), ({ name }) => name === 'openai')
  assert.deepEqual([...live], ['openai'])
})

test('an own address is known under all the names of the machine itself', () => {
  const everywhere = { host: '0.0.0.0', port: 80 }
  for (const host of ['localhost', '127.0.0.2', '[::1]', '0.0.0.0']) {
    assert.equal(isOwnAddress(`http://${host}/v1`, everywhere), true, host)
  }
  assert.equal(isOwnAddress('http://[fd00::5]:80', { host: 'fd00::5', port: 80 }), true)
  assert.equal(isOwnAddress('http://10.0.0.5:80', { host: '10.0.0.5', port: 80 }), true)
  assert.equal(isOwnAddress('http://10.0.0.6:80', { host: '10.0.0.5', port: 80 }), false)
  assert.equal(isOwnAddress('https://localhost:80', everywhere), false)
  assert.equal(isOwnAddress('', everywhere), false)
})
