/** Tools, settings and members of Gemini's own that are wrong, or that go against each other. */
import { text, said, hello, configured, look, withTools } from './wrong-gemini-form.ts'
import type { WrongGemini } from './wrong-gemini-form.ts'

export const wrongTools: readonly WrongGemini[] = [
  {
    name: 'a function without a name',
    body: withTools([{ description: 'x' }]),
    reason: 'MISSING_FIELD',
    field: 'tools[0].functionDeclarations[0].name',
    says: /required/,
  },
  {
    name: 'a function name with a space',
    body: withTools([{ name: 'look up' }]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[0].name',
    says: /letter or an underscore/,
  },
  {
    name: 'a function declared twice',
    body: withTools([look, look]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[1].name',
    says: /twice/,
  },
  {
    name: 'a type that no schema has',
    body: withTools([{ name: 'look', parameters: { type: 'OBJECT', properties: { at: { type: 'TEXT' } } } }]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[0].parameters.properties.at.type',
    says: /STRING/,
  },
  {
    name: 'a property that is no schema',
    body: withTools([{ name: 'look', parameters: { type: 'OBJECT', properties: { at: 'STRING' } } }]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[0].parameters.properties.at',
    says: /schema/,
  },
  {
    name: 'an enum that is no list',
    body: withTools([{ name: 'look', parameters: { type: 'STRING', enum: 'a' } }]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[0].parameters.enum',
    says: /list/,
  },
  {
    name: 'two schemas for one function',
    body: withTools([{ ...look, parametersJsonSchema: { type: 'object' } }]),
    reason: 'INVALID_VALUE',
    field: 'tools[0].functionDeclarations[0].parametersJsonSchema',
    says: /both/,
  },
  {
    name: 'tools that are no list',
    body: { ...hello, tools: 'look' },
    reason: 'INVALID_VALUE',
    field: 'tools',
    says: /list/,
  },
  {
    name: 'a mode that does not exist',
    body: withTools([look], { mode: 'REQUIRED' }),
    reason: 'INVALID_VALUE',
    field: 'toolConfig.functionCallingConfig.mode',
    says: /AUTO, ANY, NONE/,
  },
  {
    name: 'allowed names with the mode AUTO',
    body: withTools([look], { mode: 'AUTO', allowedFunctionNames: ['look'] }),
    reason: 'INVALID_VALUE',
    field: 'toolConfig.functionCallingConfig.allowedFunctionNames',
    says: /ANY/,
  },
  {
    name: 'an allowed name that is not declared',
    body: withTools([look], { mode: 'ANY', allowedFunctionNames: ['see'] }),
    reason: 'INVALID_VALUE',
    field: 'toolConfig.functionCallingConfig.allowedFunctionNames',
    says: /"see"/,
  },
  {
    name: 'a forced call without functions',
    body: { ...hello, toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
    reason: 'INVALID_VALUE',
    field: 'toolConfig.functionCallingConfig.mode',
    says: /no functions/,
  },
]

const wrongNumber = (name: string, value: unknown, says: RegExp): WrongGemini => ({
  name: `${name} of ${JSON.stringify(value)}`,
  body: configured({ [name]: value }),
  reason: 'INVALID_VALUE',
  field: `generationConfig.${name}`,
  says,
})

export const wrongConfig: readonly WrongGemini[] = [
  wrongNumber('temperature', 'hot', /number from 0 to 2/),
  wrongNumber('temperature', 2.5, /number from 0 to 2/),
  wrongNumber('topP', 1.5, /number from 0 to 1/),
  wrongNumber('topK', -1, /at least 0/),
  wrongNumber('maxOutputTokens', 0, /whole number/),
  wrongNumber('maxOutputTokens', 1.5, /whole number/),
  wrongNumber('candidateCount', 9, /from 1 to 8/),
  wrongNumber('candidateCount', 0, /from 1 to 8/),
  wrongNumber('seed', 3_000_000_000, /whole number/),
  wrongNumber('presencePenalty', 3, /from -2 to 2/),
  wrongNumber('stopSequences', ['a', 'b', 'c', 'd', 'e', 'f'], /at most 5/),
  wrongNumber('stopSequences', [5], /list of strings/),
  wrongNumber('stopSequences', [''], /non-empty/),
  wrongNumber('responseLogprobs', 'yes', /true or false/),
  wrongNumber('logprobs', 5, /responseLogprobs is not true/),
  wrongNumber('responseSchema', { type: 'OBJECT' }, /application\/json/),
  {
    name: 'more alternatives of tokens than there are',
    body: configured({ responseLogprobs: true, logprobs: 21 }),
    reason: 'INVALID_VALUE',
    field: 'generationConfig.logprobs',
    says: /from 0 to 20/,
  },
  {
    name: 'two schemas of the answer',
    body: configured({
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT' },
      responseJsonSchema: { type: 'object' },
    }),
    reason: 'INVALID_VALUE',
    field: 'generationConfig.responseJsonSchema',
    says: /cannot be set when/,
  },
  {
    name: 'a schema of the answer with a wrong type',
    body: configured({ responseMimeType: 'application/json', responseSchema: { type: 'OBJEKT' } }),
    reason: 'INVALID_VALUE',
    field: 'generationConfig.responseSchema.type',
    says: /OBJECT/,
  },
  {
    name: 'a budget and a level of thinking',
    body: configured({ thinkingConfig: { thinkingBudget: 100, thinkingLevel: 'LOW' } }),
    reason: 'INVALID_VALUE',
    field: 'generationConfig.thinkingConfig.thinkingLevel',
    says: /thinkingBudget is set/,
  },
  {
    name: 'a level of thinking that does not exist',
    body: configured({ thinkingConfig: { thinkingLevel: 'EXTREME' } }),
    reason: 'INVALID_VALUE',
    field: 'generationConfig.thinkingConfig.thinkingLevel',
    says: /MINIMAL, LOW/,
  },
  {
    name: 'a generation config that is a list',
    body: { ...hello, generationConfig: [] },
    reason: 'INVALID_VALUE',
    field: 'generationConfig',
    says: /object/,
  },
]

export const wrongOwnMembers: readonly WrongGemini[] = [
  {
    name: 'a threshold that does not exist',
    body: {
      ...hello,
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_SOME' }],
    },
    reason: 'INVALID_VALUE',
    field: 'safetySettings[0].threshold',
    says: /BLOCK_NONE/,
  },
  {
    name: 'two settings for one category',
    body: {
      ...hello,
      safetySettings: [
        { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' },
        { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' },
      ],
    },
    reason: 'INVALID_VALUE',
    field: 'safetySettings[1]',
    says: /two settings/,
  },
  {
    name: 'instructions beside cached content',
    body: { ...hello, cachedContent: 'cachedContents/x', systemInstruction: { parts: [text('Be brief.')] } },
    reason: 'INVALID_VALUE',
    field: 'systemInstruction',
    says: /cachedContent/,
  },
  {
    name: 'cached content of Google for a Claude model',
    body: { ...hello, cachedContent: 'cachedContents/x' },
    path: '/v1beta/models/some-claude:generateContent',
    reason: 'UNSUPPORTED_FEATURE',
    says: /some-claude cannot be given .*cachedContent/,
  },
  {
    name: 'a search by Google for a Claude model',
    body: { ...hello, tools: [{ googleSearch: {} }] },
    path: '/v1beta/models/some-claude:generateContent',
    reason: 'UNSUPPORTED_FEATURE',
    says: /some-claude cannot be given tools that Google runs/,
  },
  {
    name: 'a part of a new kind for a Claude model',
    body: said(text('x'), { hologram: { depth: 3 } }),
    path: '/v1beta/models/some-claude:generateContent',
    reason: 'UNSUPPORTED_FEATURE',
    says: /only Gemini knows/,
  },
]
