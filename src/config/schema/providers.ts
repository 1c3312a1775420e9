/** Settings of the providers: their keys, addresses and models, and the simulated one. */
import { z } from 'zod'
import { count, httpAddress, line, milliseconds, plainName, secretName } from '#config/schema/value-forms.ts'

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, {
  error: 'must be the name of an HTTP header',
})

const authSetting = z.union([
  z.literal('none'),
  z.strictObject({
    header: headerName.describe('Name of the header that carries the key.'),
    prefix: z.string().max(64).default('').describe('What stands before the key, like "Bearer ".'),
  }),
])

const weight = count(0, 1_000_000).default(1).describe('Its share of the requests, beside the other weights.')

const keySetting = z.union([
  secretName,
  z.strictObject({
    key: secretName.describe(
      'Name of the key in the key vault (an environment variable, with provider env; path#field, with provider hashicorp).',
    ),
    weight,
  }),
])

const keysSetting = z.array(keySetting).min(1).max(64)

const regionSetting = z.strictObject({
  name: plainName.describe('Its name in health, metrics and logs.'),
  base_url: httpAddress.describe('Its address.'),
  weight,
  keys: keysSetting.optional().describe('Its own keys; left out, those of the provider.'),
})

export const providerSetting = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether this provider is used at all.'),
  title: line.optional().describe('Its name for people.'),
  base_url: httpAddress
    .optional()
    .describe('Its address, when not the usual one; needed for providers that are not built in.'),
  key_vault_key: line
    .optional()
    .describe(
      'Name of its key in the key vault (an environment variable, with provider env; path#field, with provider hashicorp).',
    ),
  keys: keysSetting
    .optional()
    .describe('Names of several keys in the key vault, used as one pool; each cools down for itself.'),
  regions: z
    .array(regionSetting)
    .min(1)
    .max(64)
    .optional()
    .describe('Several addresses that serve the same models equally, in place of base_url.'),
  models: z
    .array(plainName)
    .min(1)
    .optional()
    .describe('The only models to offer; left out, every model of the catalogue.'),
  api_version: line.optional().describe('The api-version parameter, for Azure OpenAI.'),
  headers: z
    .record(headerName, line)
    .default({})
    .describe('Headers that every call to it carries; never keys.'),
  dialect: z
    .enum(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate', 'cohere-chat'])
    .optional()
    .describe(
      'The protocol that it speaks; only for providers that are not built in, where openai-chat is usual.',
    ),
  auth: authSetting
    .optional()
    .describe('How its key travels, when not as usual for its dialect: a header and a prefix, or none.'),
  free: z
    .boolean()
    .default(false)
    .describe('Models without a catalogue price cost nothing here: your own hardware.'),
})

export const providersSetting = z
  .record(plainName, providerSetting)
  .default({})
  .describe(
    'Providers by name: openai, anthropic, google, cohere and their cousins, or your own. A provider whose key is present needs no entry.',
  )

export const simulationSettings = z
  .strictObject({
    enabled: z
      .union([z.boolean(), z.literal('auto')])
      .default('auto')
      .describe(
        'Whether made-up answers are given, marked as such: auto does so in development mode while no provider has a key.',
      ),
    first_token_ms: milliseconds(0)
      .default(150)
      .describe('How long a simulated answer waits before its first word.'),
    tokens_per_second: count(1, 1_000_000).default(120).describe('How fast a simulated answer is written.'),
  })
  .describe('The simulated provider, for trying everything without keys.')
