/** Several keys and regions of one provider, as the settings file may state them. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadGiven as load, refusalOf as refusal } from '#tests/support/given-config.ts'

it('keys are named alone or with a weight, regions with an address and perhaps keys of their own', () => {
  const { providers } = load({
    yaml: `
providers:
  openai: {keys: [KEY_A, {key: KEY_B, weight: 3}]}
  azure-openai:
    regions:
      - {name: west, base_url: "https://west.example/", keys: [WEST_KEY]}
      - {name: north, base_url: "https://north.example", weight: 2}
`,
  })
  assert.deepEqual(providers.get('openai')?.keys, [
    { name: 'KEY_A', weight: 1 },
    { name: 'KEY_B', weight: 3 },
  ])
  assert.deepEqual(providers.get('azure-openai')?.regions, [
    { name: 'west', baseUrl: 'https://west.example', weight: 1, keys: [{ name: 'WEST_KEY', weight: 1 }] },
    { name: 'north', baseUrl: 'https://north.example', weight: 2, keys: undefined },
  ])
})

const wrong: ReadonlyArray<readonly [what: string, openai: string, told: RegExp]> = [
  ['a key where its name belongs', 'keys: [sk-secret-123]', /name of a key .* never the key itself/],
  ['the same key twice', 'keys: [A, A]', /named before it/],
  ['keys that are never used', 'keys: [{key: A, weight: 0}]', /weight above 0/],
  ['keys beside a key', 'keys: [A], key_vault_key: B', /no place beside key_vault_key/],
  [
    'regions beside an address',
    'base_url: "https://a.example", regions: [{name: a, base_url: "https://b.example"}]',
    /no place beside base_url/,
  ],
  [
    'two regions of one name',
    'regions: [{name: a, base_url: "https://a.example"}, {name: a, base_url: "https://b.example"}]',
    /name of a region before it/,
  ],
  ['no key at all', 'keys: []', /keys/],
]
for (const [what, openai, told] of wrong) {
  it(`${what} is refused`, () => {
    const problem = refusal({ yaml: `providers: {openai: {${openai}}}` })
    assert.match(problem.message, told)
    assert.ok(!problem.message.includes('sk-secret-123'))
  })
}
