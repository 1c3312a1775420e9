/** The providers known from the start, as data: where each is, what it speaks, what is odd about it. */
import type { Dialect } from '#core/domain/chat.ts'
import type { ProviderQuirk, ProviderRow } from '#core/domain/target.ts'

const bearer = { header: 'authorization', prefix: 'Bearer ' } as const

interface Cousin {
  readonly name: string
  readonly title: string
  readonly baseUrl: string
  readonly dialect?: Dialect
  readonly auth?: ProviderRow['auth']
  readonly keyNames?: readonly string[]
  readonly quirks?: readonly ProviderQuirk[]
}

function row(cousin: Cousin): ProviderRow {
  const dialect = cousin.dialect ?? 'openai-chat'
  return {
    name: cousin.name,
    title: cousin.title,
    dialect,
    baseUrl: cousin.baseUrl,
    auth: cousin.auth ?? usualAuth[dialect],
    keyNames: cousin.keyNames ?? [],
    headers: {},
    quirks: new Set(cousin.quirks ?? []),
    isSimulated: false,
  }
}

/** How a key travels, by dialect, unless a provider says otherwise. */
const usualAuth: Readonly<Record<Dialect, ProviderRow['auth']>> = {
  'openai-chat': bearer,
  'openai-responses': bearer,
  'anthropic-messages': { header: 'x-api-key', prefix: '' },
  'gemini-generate': { header: 'x-goog-api-key', prefix: '' },
  'cohere-chat': bearer,
}

/** What nearly every server that copies chat completions has not taken over. */
const usualQuirks = ['max_tokens_word', 'no_developer_role', 'functions_only'] as const

const azureApiVersion = '2024-10-21'

/** Every built-in provider. Azure's address is the operator's own resource, so its row has none. */
export const builtInProviders: readonly ProviderRow[] = [
  row({
    name: 'openai',
    title: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    keyNames: ['OPENAI_API_KEY'],
    quirks: ['speaks_responses', 'hides_thinking', 'counts_input', 'moderates'],
  }),
  row({
    name: 'anthropic',
    title: 'Anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://api.anthropic.com/v1',
    keyNames: ['ANTHROPIC_API_KEY'],
  }),
  row({
    name: 'google',
    title: 'Google Gemini',
    dialect: 'gemini-generate',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keyNames: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  }),
  row({
    name: 'cohere',
    title: 'Cohere',
    dialect: 'cohere-chat',
    baseUrl: 'https://api.cohere.com/v2',
    keyNames: ['COHERE_API_KEY', 'CO_API_KEY'],
  }),
  row({
    name: 'ollama',
    title: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    auth: 'none',
    quirks: usualQuirks,
  }),
  row({
    name: 'vllm',
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    auth: 'none',
    quirks: [...usualQuirks, 'takes_top_k', 'ranks_documents'],
  }),
  row({
    name: 'groq',
    title: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyNames: ['GROQ_API_KEY'],
    quirks: ['no_developer_role', 'functions_only'],
  }),
  row({
    name: 'mistral',
    title: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    keyNames: ['MISTRAL_API_KEY'],
    // Usage comes on the last chunk without asking; members that it does not know are refused.
    quirks: [
      ...usualQuirks,
      'no_stream_options',
      'nine_character_tool_ids',
      'audio_beside_input',
      'random_seed_word',
      'no_end_user',
      'no_answer_echoes',
      'own_answer_forms',
      'output_dimension_word',
      'moderates',
    ],
  }),
  row({
    name: 'deepseek',
    title: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    keyNames: ['DEEPSEEK_API_KEY'],
    quirks: [...usualQuirks, 'reasoning_content_returned'],
  }),
  row({
    name: 'xai',
    title: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    keyNames: ['XAI_API_KEY'],
    quirks: ['reasoning_beside_output', 'no_developer_role', 'functions_only', 'speaks_responses'],
  }),
  row({
    name: 'openrouter',
    title: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyNames: ['OPENROUTER_API_KEY'],
    quirks: [
      'takes_top_k',
      'reply_members_returned',
      'max_tokens_word',
      'functions_only',
      'takes_cache_marks',
      'ranks_documents',
    ],
  }),
  row({
    name: 'together',
    title: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    keyNames: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
    quirks: [...usualQuirks, 'takes_top_k', 'ranks_documents'],
  }),
  row({
    name: 'fireworks',
    title: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyNames: ['FIREWORKS_API_KEY'],
    quirks: [...usualQuirks, 'takes_top_k'],
  }),
  {
    ...row({
      name: 'azure-openai',
      title: 'Azure OpenAI',
      baseUrl: '',
      auth: { header: 'api-key', prefix: '' },
      keyNames: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
      quirks: ['hides_thinking'],
    }),
    addressForm: { kind: 'azure-deployment', apiVersion: azureApiVersion },
  },
  {
    ...row({
      name: 'simulated',
      title: 'Simulated answers',
      baseUrl: 'http://simulated.invalid',
      auth: 'none',
      quirks: ['takes_top_k', 'ranks_documents', 'moderates'],
    }),
    isSimulated: true,
  },
]

/** What an operator may say about a provider; undefined keeps what the row says. */
export interface ProviderOverrides {
  readonly title?: string | undefined
  readonly baseUrl?: string | undefined
  /** The secret's name in the key vault. */
  readonly keyVaultKey?: string | undefined
  readonly apiVersion?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly auth?: ProviderRow['auth'] | undefined
}

/** A provider of the operator's own. */
export interface CustomProvider extends ProviderOverrides {
  readonly name: string
  readonly dialect: Dialect
  readonly baseUrl: string
}

/** The row under the operator's settings. */
export function withOverrides(built: ProviderRow, settings: ProviderOverrides): ProviderRow {
  const baseUrl = settings.baseUrl === undefined ? built.baseUrl : withoutSlash(settings.baseUrl)
  return {
    ...built,
    title: settings.title ?? built.title,
    baseUrl,
    auth: settings.auth ?? built.auth,
    headers: { ...built.headers, ...settings.headers },
    ...(settings.keyVaultKey === undefined ? {} : { vaultKeyName: settings.keyVaultKey }),
    addressForm: addressFormOf(built, baseUrl, settings.apiVersion),
  }
}

/** A row for a provider that is not built in: as tolerant as its dialect allows. */
export function customProvider(settings: CustomProvider): ProviderRow {
  const { name, dialect } = settings
  const quirks = dialect === 'openai-chat' ? ([...usualQuirks, 'ranks_documents', 'moderates'] as const) : []
  const built = row({ name, title: name, dialect, baseUrl: settings.baseUrl, quirks })
  return withOverrides(built, settings)
}

/** Azure's newer addresses (`.../openai/v1`) take the model in the body, as OpenAI does, and need no version. */
function addressFormOf(
  built: ProviderRow,
  baseUrl: string,
  apiVersion: string | undefined,
): ProviderRow['addressForm'] {
  if (!built.addressForm || baseUrl.endsWith('/v1')) return undefined
  return apiVersion === undefined ? built.addressForm : { ...built.addressForm, apiVersion }
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? withoutSlash(url.slice(0, -1)) : url
}
