/** How a door's own API says each feature: the bodies that the cell test sends, and the words that it looks for. */
import type { Feature } from '../../../src/core/domain/feature.ts'
import type { JsonObject } from '../../../src/core/domain/json.ts'

/** A request body without its model. A feature that is left out cannot be said in this API. */
export type FeatureForms = Readonly<Partial<Record<Feature, FeatureForm>>>

export interface FeatureForm {
  readonly body: JsonObject
  readonly isStreamed?: boolean
  /** Features that this API cannot help saying along with it. */
  readonly also?: readonly Feature[]
}

export const form = (body: JsonObject, ...also: readonly Feature[]): FeatureForm => ({ body, also })

/** Words and values that are found again at the other side. */
export const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
export const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n').toString('base64')
export const wav = Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00').toString('base64')
export const ogg = Buffer.from('OggS\x00\x02\x00\x00\x00\x00').toString('base64')
export const mp4 = Buffer.from('\x00\x00\x00\x18ftypmp42').toString('base64')
export const docx = Buffer.from('PK\x03\x04word/document.xml').toString('base64')
export const docxType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
export const noteText = 'A plain note about otters.'
export const note = Buffer.from(noteText).toString('base64')
export const hello = 'Say hello.'
export const rule = 'Answer in French.'
export const laterRule = 'Now answer in Greek.'
export const earlier = 'An earlier answer.'
export const links = {
  image: 'https://example.com/otter.png',
  pdf: 'https://example.com/otter.pdf',
  audio: 'https://example.com/otter.mp3',
  video: 'https://example.com/otter.mp4',
  google: 'https://www.youtube.com/watch?v=otter',
} as const
export const sunny = 'Sunny, 21 degrees.'
export const failure = 'No such city.'
export const token = 'dG9rZW4='
export const thought = 'They want the weather.'
export const sql = 'select "otters"'
export const city: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

/** Features that another one always comes with. */
export const companions: Readonly<Partial<Record<Feature, readonly Feature[]>>> = {
  blank_stop: ['stop'],
  stop_over_four: ['stop'],
  stop_over_five: ['stop', 'stop_over_four'],
  high_temperature: ['temperature'],
  temperature_with_top_p: ['temperature', 'top_p'],
  penalties_outside_unit: ['frequency_penalty'],
  alternative_tokens: ['logprobs'],
  custom_grammar: ['custom_tools'],
  json_beside_tools: ['json_schema'],
  one_call_of_a_forced_tool: ['choice_named'],
  forced_tool_while_thinking: ['reasoning_effort', 'choice_required'],
  sampling_while_thinking: ['temperature', 'reasoning_effort'],
}
