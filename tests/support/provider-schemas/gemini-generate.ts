/** The body of `models.generateContent`. Source: Gemini API reference, "Generating content", and that of Vertex AI. */
import type { JsonObject } from '../../../src/core/domain/json.ts'
import { closed } from './closed-object.ts'

const string = { type: 'string' }
const blob = closed(['mimeType', 'data'], {
  mimeType: { type: 'string', pattern: '^[a-z]+/[a-z0-9+.-]+$' },
  data: { type: 'string', pattern: '^[A-Za-z0-9+/_-]+=*$' },
  displayName: string,
})
const fileData = closed(['fileUri'], {
  mimeType: string,
  fileUri: { type: 'string', minLength: 1 },
  displayName: string,
})
const functionCall = closed(['name'], {
  id: string,
  name: { type: 'string', pattern: '^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$' },
  args: { type: ['object', 'null'] },
})
const functionResponse = closed(['name', 'response'], {
  id: string,
  name: { type: 'string', minLength: 1 },
  response: { type: 'object' },
  parts: { type: 'array', items: closed([], { inlineData: blob, fileData }) },
  scheduling: string,
  willContinue: { type: 'boolean' },
})
/** What a part says: each has exactly one of these, or none beside its signature or the metadata of a video. */
const data = {
  text: string,
  inlineData: blob,
  fileData,
  functionCall,
  functionResponse,
  executableCode: { type: 'object' },
  codeExecutionResult: { type: 'object' },
  toolCall: { type: 'object' },
  toolResponse: { type: 'object' },
}
const part = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...data,
    thought: { type: 'boolean' },
    thoughtSignature: { type: 'string', minLength: 1 },
    videoMetadata: { type: 'object' },
    mediaResolution: {},
    partMetadata: {},
  },
  oneOf: [
    ...Object.keys(data).map((name) => ({ required: [name] })),
    {
      anyOf: [{ required: ['thoughtSignature'] }, { required: ['videoMetadata'] }],
      not: { anyOf: Object.keys(data).map((name) => ({ required: [name] })) },
    },
  ],
}
const content = closed(['parts'], {
  role: { enum: ['user', 'model'] },
  parts: { type: 'array', minItems: 1, items: part },
})
const declaration = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  not: { required: ['parameters', 'parametersJsonSchema'] },
  properties: {
    name: functionCall.properties.name,
    description: string,
    parameters: { type: 'object' },
    parametersJsonSchema: { type: 'object' },
    response: { type: 'object' },
    responseJsonSchema: { type: 'object' },
    behavior: string,
  },
}
const tool = closed([], {
  functionDeclarations: { type: 'array', minItems: 1, items: declaration },
  googleSearch: { type: 'object' },
  googleSearchRetrieval: { type: 'object' },
  codeExecution: { type: 'object' },
  urlContext: { type: 'object' },
  fileSearch: { type: 'object' },
  googleMaps: { type: 'object' },
  computerUse: { type: 'object' },
  retrieval: { type: 'object' },
  enterpriseWebSearch: { type: 'object' },
  mcpServers: { type: 'array' },
})
const toolConfig = closed([], {
  functionCallingConfig: closed([], {
    mode: { enum: ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'none'] },
    allowedFunctionNames: { type: 'array', minItems: 1, items: string },
    streamFunctionCallArguments: { type: 'boolean' },
  }),
  retrievalConfig: { type: 'object' },
  includeServerSideToolInvocations: { type: 'boolean' },
})
const thinkingConfig = {
  type: 'object',
  additionalProperties: false,
  not: { required: ['thinkingBudget', 'thinkingLevel'] },
  properties: {
    includeThoughts: { type: 'boolean' },
    thinkingBudget: { type: 'integer', minimum: -1, maximum: 32_768 },
    thinkingLevel: { enum: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'minimal', 'low', 'medium', 'high'] },
  },
}
const generationConfig = {
  type: 'object',
  additionalProperties: false,
  not: { required: ['responseSchema', 'responseJsonSchema'] },
  properties: {
    audioTimestamp: { type: 'boolean' },
    candidateCount: { type: 'integer', minimum: 1, maximum: 8 },
    frequencyPenalty: { type: 'number', minimum: -2, maximum: 2 },
    imageConfig: { type: 'object' },
    logprobs: { type: 'integer', minimum: 0, maximum: 20 },
    maxOutputTokens: { type: 'integer', minimum: 1 },
    mediaResolution: string,
    presencePenalty: { type: 'number', minimum: -2, maximum: 2 },
    responseJsonSchema: {},
    responseLogprobs: { type: 'boolean' },
    responseMimeType: { enum: ['text/plain', 'application/json', 'text/x.enum'] },
    responseModalities: { type: 'array', items: { enum: ['TEXT', 'IMAGE', 'AUDIO'] } },
    responseSchema: { type: 'object' },
    routingConfig: { type: 'object' },
    seed: { type: 'integer' },
    speechConfig: { type: 'object' },
    stopSequences: { type: 'array', maxItems: 5, items: string },
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    thinkingConfig,
    topK: { type: 'integer', minimum: 1 },
    topP: { type: 'number', minimum: 0, maximum: 1 },
  },
  dependentRequired: {
    logprobs: ['responseLogprobs'],
    responseJsonSchema: ['responseMimeType'],
    responseSchema: ['responseMimeType'],
  },
}

export const geminiGenerateSchema: JsonObject = closed(['contents'], {
  contents: { type: 'array', minItems: 1, items: content },
  systemInstruction: { ...content, required: ['parts'] },
  tools: { anyOf: [{ type: 'array', items: tool }, tool] },
  toolConfig,
  generationConfig,
  safetySettings: { type: 'array', items: { type: 'object' } },
  cachedContent: string,
  serviceTier: string,
  continuationToken: string,
  store: { type: 'boolean' },
  // Vertex AI alone.
  labels: { type: 'object' },
  modelArmorConfig: { type: 'object' },
})

/** Gemini reads snake case as well; the schema is written in camel case. What callers name themselves stays. */
export function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const camel = name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
      return [camel, free.has(camel) ? member : inCamelCase(member)]
    }),
  )
}

const free: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parametersJsonSchema',
  'parameters',
  'responseSchema',
  'responseJsonSchema',
  'labels',
])
