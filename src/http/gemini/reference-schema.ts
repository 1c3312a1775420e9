/** The Gemini request and response as the reference shows them; requests are read member by member, in either spelling. */
import { z } from 'zod'

const anyObject = z.looseObject({})

const part = z
  .looseObject({
    text: z.string().optional(),
    inlineData: z.object({ mimeType: z.string(), data: z.string().describe('Base64.') }).optional(),
    fileData: z
      .object({ mimeType: z.string().optional(), fileUri: z.string().describe('An https address.') })
      .optional(),
    functionCall: z
      .object({ id: z.string().optional(), name: z.string(), args: anyObject.optional() })
      .optional(),
    functionResponse: z
      .object({ id: z.string().optional(), name: z.string(), response: anyObject })
      .optional(),
    thought: z.boolean().optional(),
    thoughtSignature: z
      .string()
      .optional()
      .describe('Returned unchanged on its part, it keeps the thread of thinking, whichever model thought.'),
  })
  .describe('One of text, inlineData, fileData, functionCall, functionResponse, or a newer member.')

const content = z.looseObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(part) })

export const generateContentRequest = z
  .looseObject({
    contents: z.array(content).describe('The conversation so far, oldest first.'),
    systemInstruction: content.optional(),
    tools: z.array(anyObject).optional().describe('functionDeclarations, or tools that Google runs.'),
    toolConfig: anyObject.optional(),
    generationConfig: z
      .looseObject({
        maxOutputTokens: z.int().optional(),
        temperature: z.number().optional(),
        topP: z.number().optional(),
        topK: z.number().optional(),
        candidateCount: z.int().optional(),
        stopSequences: z.array(z.string()).optional(),
        seed: z.int().optional(),
        responseMimeType: z.string().optional(),
        responseSchema: anyObject.optional(),
        responseJsonSchema: anyObject.optional(),
        thinkingConfig: anyObject.optional(),
      })
      .optional(),
  })
  .meta({ id: 'GenerateContentRequest' })

export const generateContentResponse = z
  .looseObject({
    candidates: z.array(z.looseObject({ content, finishReason: z.string().optional(), index: z.int() })),
    promptFeedback: anyObject.optional(),
    usageMetadata: z
      .looseObject({
        promptTokenCount: z.int(),
        candidatesTokenCount: z.int().optional(),
        thoughtsTokenCount: z.int().optional(),
        totalTokenCount: z.int(),
      })
      .optional(),
    modelVersion: z.string(),
    responseId: z.string(),
  })
  .meta({ id: 'GenerateContentResponse' })
