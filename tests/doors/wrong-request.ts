/** The form of a wrong request of one of OpenAI's APIs, with the refusal that it must get. */

export interface WrongRequest {
  readonly name: string
  /** Text is sent as it is. */
  readonly body: unknown
  readonly status: number
  readonly code: string
  /** Null where no field can be named. */
  readonly param: string | null
  /** What the message must speak of. */
  readonly says: RegExp
  readonly headers?: Readonly<Record<string, string>>
}

/** Members laid over a good request, and what is refused: `invalid_value` with 400 unless more is said. */
export type WrongMembers = readonly [
  name: string,
  members: object,
  param: string | null,
  says: RegExp,
  code?: string,
  status?: number,
]

export function laidOver(good: object, rows: readonly WrongMembers[]): readonly WrongRequest[] {
  return rows.map(([name, members, param, says, code = 'invalid_value', status = 400]) => ({
    name,
    body: { ...good, ...members },
    status,
    code,
    param,
    says,
  }))
}

export const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown

/** What is wrong whatever the API. */
export const wrongBodies: readonly WrongRequest[] = [
  { name: 'broken JSON', body: '{"model"', status: 400, code: 'invalid_json', param: null, says: /JSON/ },
  { name: 'no body', body: '', status: 400, code: 'invalid_json', param: null, says: /JSON/ },
  { name: 'a list', body: '[]', status: 400, code: 'invalid_json', param: null, says: /object/ },
  { name: 'a number', body: '7', status: 400, code: 'invalid_json', param: null, says: /object/ },
  {
    name: 'a form',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_content_type',
    param: 'content-type',
    says: /application\/json/,
  },
  {
    name: 'the model twice',
    body: '{"model":"some-claude","model":"some-gemini"}',
    status: 400,
    code: 'duplicate_field',
    param: 'model',
    says: /twice/,
  },
  {
    name: 'a forbidden name',
    body: '{"__proto__":{}}',
    status: 400,
    code: 'invalid_value',
    param: '__proto__',
    says: /__proto__/,
  },
]
