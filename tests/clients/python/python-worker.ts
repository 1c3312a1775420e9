/** The Python process that runs errands for the stage, spoken to in lines of JSON. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { Failure, Heard, Task } from '#tests/clients/task.ts'

export type ActName = 'ask' | 'stream' | 'loop' | 'loop_streamed' | 'structured' | 'embed'

export interface PythonWorker {
  /** Rejects with a `RemoteFailure` for what the client itself throws. */
  run(client: string, act: ActName, task: Task): Promise<Heard>
  close(): Promise<void>
}

/** An error of a client, with the class and status that an application sees. */
export class RemoteFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

type Word =
  | { readonly number: number; readonly word: 'hear'; readonly text: string }
  | { readonly number: number; readonly word: 'run'; readonly name: string; readonly input: JsonValue }
  | { readonly number: number; readonly word: 'heard'; readonly heard: Heard }
  | { readonly number: number; readonly word: 'left' }
  | { readonly number: number; readonly word: 'failure'; readonly failure: Failure }
  | { readonly number: number; readonly word: 'broken'; readonly trace: string }

/** Starts the worker with this interpreter. Nothing of the surrounding environment but the path gets in. */
export function startPythonWorker(python: string): PythonWorker {
  const child = spawn(python, ['-u', join(import.meta.dirname, 'worker.py')], {
    env: { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = (words: object) => void child.stdin.write(`${JSON.stringify(words)}\n`)
  let count = 0

  const next = async (): Promise<Word> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`Python ended: ${said}`)
    return JSON.parse(value) as Word
  }

  return {
    async run(client, act, task) {
      const number = (count += 1)
      say({ number, client, act, task: wordsOf(task) })
      for (;;) {
        const word = await next()
        if (word.number !== number) throw new Error('an answer to another errand')
        if (word.word === 'heard') return word.heard
        if (word.word === 'left') throw new Error('left')
        if (word.word === 'failure') throw new RemoteFailure(word.failure)
        if (word.word === 'broken') throw new Error(word.trace)
        if (word.word === 'hear') {
          task.hear(word.text)
          say({ isLeaving: task.signal?.aborted ?? false })
        } else {
          say({ result: resultOf(task, word.name, word.input) })
        }
      }
    },
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

function resultOf(task: Task, name: string, input: JsonValue): string {
  const tool = task.tools.find((one) => one.name === name)
  return tool ? tool.run(input) : 'no such tool'
}

/** What of a task can be said in JSON. */
function wordsOf(task: Task): JsonObject {
  const { address, apiKey, model, system, prompt, image, isThinkingWanted, schema, inputs, maxRetries } = task
  return {
    address,
    apiKey,
    model,
    system,
    prompt,
    isThinkingWanted,
    inputs,
    ...(image ? { image: { ...image } } : {}),
    ...(schema ? { schema } : {}),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    tools: task.tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
  }
}
