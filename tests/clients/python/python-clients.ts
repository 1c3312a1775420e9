/** The clients in Python: what each is called, where it asks, how its errors are called, what it lacks. */
import { RemoteFailure } from '#tests/clients/python/python-worker.ts'
import type { ActName, PythonWorker } from '#tests/clients/python/python-worker.ts'
import { notThere } from '#tests/clients/task.ts'
import type { Act, ClientDriver, Door, ErrorNames, Failure, Limits, NotThere } from '#tests/clients/task.ts'

interface PythonClient {
  /** Its file is `client_<name>.py`. */
  readonly name: string
  readonly title: string
  readonly door: Door
  readonly packages: readonly string[]
  readonly errorNames: ErrorNames
  /** Why it makes no embeddings. */
  readonly noEmbeddings?: NotThere
  readonly limits?: Limits
  readonly faults?: Limits
  readonly setUp?: string
}

const usualErrors: ErrorNames = {
  badRequest: 'BadRequestError',
  unauthorized: 'AuthenticationError',
  notFound: 'NotFoundError',
  rateLimited: 'RateLimitError',
  serverError: 'InternalServerError',
}

const textOnly = 'the package sends the text of thoughts back, without the tokens that came with it'

const equalCalls = 'of three equal calls the package sends one back, with three results'

const rows: readonly PythonClient[] = [
  {
    name: 'openai_chat',
    title: 'openai for Python, chat.completions and embeddings',
    door: 'openai-chat',
    packages: ['openai'],
    errorNames: usualErrors,
  },
  {
    name: 'openai_responses',
    title: 'openai for Python, responses',
    door: 'openai-responses',
    packages: ['openai'],
    errorNames: usualErrors,
    noEmbeddings: notThere('the same class as beside chat.completions'),
  },
  {
    name: 'anthropic',
    title: 'anthropic for Python',
    door: 'anthropic',
    packages: ['anthropic'],
    errorNames: usualErrors,
    noEmbeddings: notThere('Anthropic has no embeddings'),
  },
  {
    name: 'google_genai',
    title: 'google-genai for Python',
    door: 'gemini',
    packages: ['google-genai'],
    errorNames: {
      badRequest: 'ClientError',
      unauthorized: 'ClientError',
      notFound: 'ClientError',
      rateLimited: 'ClientError',
      serverError: 'ServerError',
    },
    limits: { retries: 'as it comes, the client asks once' },
  },
  {
    name: 'cohere',
    title: 'cohere for Python',
    door: 'cohere',
    packages: ['cohere'],
    errorNames: {
      badRequest: 'BadRequestError',
      unauthorized: 'UnauthorizedError',
      notFound: 'NotFoundError',
      rateLimited: 'TooManyRequestsError',
      // The package has no class for 502.
      serverError: 'ApiError',
    },
    limits: { cutStream: 'the client raises nothing; the last event says `finish_reason: ERROR`' },
  },
  {
    name: 'litellm_openai',
    title: 'LiteLLM for Python, openai/',
    door: 'openai-chat',
    packages: ['litellm', 'openai'],
    errorNames: { ...usualErrors, serverError: 'BadGatewayError' },
    limits: {
      'thoughtsReturned@openai-responses': textOnly,
      'thoughtsReturned@anthropic-messages': textOnly,
    },
  },
  {
    name: 'litellm_anthropic',
    title: 'LiteLLM for Python, anthropic/',
    door: 'anthropic',
    packages: ['litellm'],
    errorNames: usualErrors,
    noEmbeddings: notThere('Anthropic has no embeddings'),
    limits: { retries: 'the package asks once' },
  },
  {
    name: 'litellm_gemini',
    title: 'LiteLLM for Python, gemini/',
    door: 'gemini',
    packages: ['litellm'],
    // The Gemini API answers a wrong key with 400, as Google does.
    errorNames: { ...usualErrors, unauthorized: 'BadRequestError' },
    setUp:
      'its models are made known to the package (`litellm.register_model`), which otherwise believes that they take no instructions',
    limits: { retries: 'the package asks once' },
    faults: {
      cutStream:
        'the package reads past the error in the stream and says `stop`, so that a cut answer looks whole; with `openai/` it does not',
      'parallelTools@mistral': equalCalls,
      'streamedParallelTools@mistral': equalCalls,
    },
  },
]

/** The drivers of every Python client, run by this worker. */
export function pythonClients(worker: PythonWorker): readonly ClientDriver[] {
  return rows.map((row) => {
    const act =
      (name: ActName): Act =>
      (task) =>
        worker.run(row.name, name, task)
    return {
      title: row.title,
      door: row.door,
      packages: row.packages,
      errorNames: row.errorNames,
      limits: row.limits,
      faults: row.faults,
      setUp: row.setUp,
      acts: {
        ask: act('ask'),
        stream: act('stream'),
        loop: act('loop'),
        loopStreamed: act('loop_streamed'),
        structured: act('structured'),
        embed: row.noEmbeddings ?? act('embed'),
      },
      failureOf,
    }
  })
}

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof RemoteFailure) return thrown.failure
  throw thrown
}
