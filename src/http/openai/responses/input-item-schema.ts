/** The items of `input` and the parts of their content, one schema for each type that Signalbox reads. */
import { z } from 'zod'

const cacheBreakpoint = z.looseObject({}).nullish()

/** Each part is read by its own type afterwards, so that a complaint names the very part. */
const content = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))])
export type WireContent = z.output<typeof content>
export type WirePart = Exclude<WireContent, string>[number]

export const messageItem = z.object({
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  phase: z.enum(['commentary', 'final_answer']).nullish(),
})

const callId = z.string().min(1)

export const functionCallItem = z.object({
  call_id: callId,
  name: z.string().min(1),
  arguments: z.string(),
  namespace: z.string().nullish(),
})
export const customCallItem = z.object({
  call_id: callId,
  name: z.string().min(1),
  input: z.string(),
  namespace: z.string().nullish(),
})
export const callOutputItem = z.object({ call_id: callId, output: content })

const shownText = z.looseObject({ text: z.string() })
export const reasoningItem = z.object({
  id: z.string().nullish(),
  summary: z.array(shownText).nullish(),
  content: z.array(shownText).nullish(),
  encrypted_content: z.string().nullish(),
})
export type WireReasoning = z.output<typeof reasoningItem>

export const imageCallItem = z.looseObject({
  id: z.string().nullish(),
  result: z.string().nullish(),
})

export const textPart = z.object({ text: z.string(), prompt_cache_breakpoint: cacheBreakpoint })
export const refusalPart = z.object({ refusal: z.string() })
export const imagePart = z.object({
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
  detail: z.enum(['auto', 'low', 'high', 'original']).nullish(),
  prompt_cache_breakpoint: cacheBreakpoint,
})
export const filePart = z.object({
  file_data: z.string().nullish(),
  file_url: z.string().nullish(),
  file_id: z.string().nullish(),
  filename: z.string().nullish(),
  prompt_cache_breakpoint: cacheBreakpoint,
})
export const audioPart = z.object({
  input_audio: z.object({ data: z.string(), format: z.enum(['wav', 'mp3']) }),
})
