/** The readers of what callers send: JSON bodies, each door's questions and errands, and what is asked of providers. */
import { isDeepStrictEqual } from 'node:util'

import type { Dialect } from '#core/domain/chat.ts'
import { estimateInput } from '#core/domain/estimate.ts'
import { featuresOf } from '#core/domain/question-features.ts'
import type { Problem } from '#core/domain/problem.ts'
import type { ReadRequest } from '#http/inference.ts'
import { readJsonBody } from '#http/json-body.ts'
import type { JsonBody } from '#http/json-body.ts'
import { adapters, dialects } from '#tests/support/adapters.ts'
import { questionAddress, readErrandRequest, readQuestion } from '#tests/support/door-surfaces.ts'
import { recordedTarget } from '#tests/support/recorded-target.ts'
import { mutateBytes } from './byte-mutations.ts'
import type { Chance } from './chance.ts'
import { mutateWhole } from './decoder-subjects.ts'
import { attempt, fault } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'
import { errandInputs, questionInputs } from './request-inputs.ts'

const jsonBodySubject: FuzzSubject = {
  name: 'json body',
  inputs: dialects.flatMap((door) => questionInputs(door).filter(({ length }) => length < 8_000)),
  mutate: (input, chance) => (chance.isTrue(0.5) ? mutateBytes(input, chance) : mutateWhole(input, chance)),
  run(input) {
    const { value: body, problem } = attempt(() => readJsonBody(input))
    if (problem) return callersFault(problem)
    for (const [name, { start, end }] of body.members) {
      if (!isDeepStrictEqual(JSON.parse(body.text.slice(start, end)), body.value[name])) {
        fault(`the member ${name} stands elsewhere`)
      }
    }
    if (body.members.size !== Object.keys(body.value).length) fault('members are missing')
    return 'read'
  },
}

/** What a caller sends wrong is never blamed on anybody else, and never told at the length of the request. */
function callersFault(problem: Problem): string {
  if (problem.kind.fault !== 'caller') fault(`${problem.code} for what the caller did`)
  if (problem.message.length > 5_000) fault(`a message of ${problem.message.length} characters`)
  const { param } = problem.details
  if (param !== undefined && param.length > 1_000) fault(`a parameter of ${param.length} characters`)
  return problem.code
}

function questionSubject(door: Dialect): FuzzSubject {
  return {
    name: `${door} request`,
    inputs: questionInputs(door),
    mutate: mutateWhole,
    run(input, chance) {
      const address = questionAddress(door, chance.isTrue(0.5))
      const { value: read, problem } = attempt(() => {
        const body = readJsonBody(input)
        return { body, wanted: readQuestion(address, body) }
      })
      if (problem) return callersFault(problem)
      judgeQuestion(read.wanted, read.body, chance)
      return 'read'
    },
  }
}

function judgeQuestion({ asked, openForm }: ReadRequest, body: JsonBody, chance: Chance): void {
  const { question } = asked
  const { likely, bound } = estimateInput(question)
  if (!(likely >= 0 && bound >= likely && Number.isFinite(bound))) fault(`estimated ${likely} of ${bound}`)
  featuresOf(question)
  openForm()
  for (const dialect of dialects) judgeCall(dialect, asked, body, chance)
}

const terms = { maxOutputTokens: 1_000, requestId: 'req-1' }

function judgeCall(
  dialect: Dialect,
  { question }: ReadRequest['asked'],
  body: JsonBody,
  chance: Chance,
): void {
  const provider = chance.pick(['recorded', 'openai', 'anthropic', 'google', 'cohere', 'mistral', 'xai'])
  const target = recordedTarget({ dialect, provider })
  const { value: call, problem } = attempt(() => adapters.for(dialect).encode(question, target, terms))
  if (problem) {
    callersFault(problem)
    return
  }
  const text = Buffer.from(call.body).toString()
  JSON.parse(text)
  // Gemini writes URLs and file data anew, others quote arguments: more than six times its size is a fault.
  if (text.length > body.text.length * 6 + 20_000) fault(`${text.length} bytes asked of ${body.text.length}`)
}

const errandSubject: FuzzSubject = {
  name: 'errand request',
  // The first byte says which errand it is.
  inputs: errandInputs.flatMap(({ bodies }, place) =>
    bodies.map((body) => Buffer.concat([Buffer.from([place]), Buffer.from(JSON.stringify(body))])),
  ),
  mutate: (input, chance) => Buffer.concat([input.subarray(0, 1), mutateWhole(input.subarray(1), chance)]),
  run(input) {
    const errand = errandInputs[input[0] ?? 0]
    if (!errand) return 'nobody'
    const { path, params = {} } = errand
    const { problem } = attempt(() => readErrandRequest({ path, params }, readJsonBody(input.subarray(1))))
    return problem ? callersFault(problem) : 'read'
  },
}

export const requestSubjects: readonly FuzzSubject[] = [
  jsonBodySubject,
  ...dialects.map(questionSubject),
  errandSubject,
]
