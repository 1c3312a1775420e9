/** The form of a wrong request to the Gemini door, and the right pieces that it is made of. */
import { tinyImages } from '#tests/journeys/tiny-images.ts'

export interface WrongGemini {
  readonly name: string
  /** Text is sent as it is. */
  readonly body: unknown
  /** What the error's `reason` is, in the words of the catalogue. */
  readonly reason: string
  /** Where it is wrong: the field of the violation. */
  readonly field?: string
  /** What the message must speak of. */
  readonly says: RegExp
  /** 400 and INVALID_ARGUMENT unless stated. */
  readonly status?: number
  readonly word?: string
  /** `some-gemini` and generateContent unless stated. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const text = (words: string) => ({ text: words })
export const said = (...parts: readonly unknown[]) => ({ contents: [{ role: 'user', parts }] })
export const hello = said(text('Hello'))
export const configured = (generationConfig: object) => ({ ...hello, generationConfig })
export const look = { name: 'look', parameters: { type: 'OBJECT', properties: { at: { type: 'STRING' } } } }
export const withTools = (functionDeclarations: unknown, functionCallingConfig?: object) => ({
  ...hello,
  tools: [{ functionDeclarations }],
  ...(functionCallingConfig ? { toolConfig: { functionCallingConfig } } : {}),
})
export const call = (id?: string) => ({ functionCall: { name: 'look', args: {}, ...(id ? { id } : {}) } })
export const response = (id?: string) => ({
  functionResponse: { name: 'look', response: { output: 'x' }, ...(id ? { id } : {}) },
})
export const turns = (...contents: ReadonlyArray<readonly [role: string, ...parts: readonly unknown[]]>) => ({
  contents: contents.map(([role, ...parts]) => ({ role, parts })),
})
export const asks = ['user', text('Look.')] as const
export const inline = (mimeType: unknown, data: unknown) => said({ inlineData: { mimeType, data } })
export const png = tinyImages.png.slice(tinyImages.png.indexOf(',') + 1)
