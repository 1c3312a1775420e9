/** What a client is asked to do on the stage, and what it must bring back: the same words for every client. */
import type { JsonObject, JsonValue } from '#core/domain/json.ts'
import type { FeatureName } from '#tests/clients/features.ts'
import type { TargetName } from '#tests/clients/targets.ts'

/** One errand. Everything that a client needs to ask it as its own documentation says. */
export interface Task {
  /** The gateway, `http://localhost:<port>`, without a path. */
  readonly address: string
  readonly apiKey: string
  readonly model: string
  readonly system: string
  readonly prompt: string
  readonly image?: TaskImage | undefined
  readonly isThinkingWanted: boolean
  readonly tools: readonly TaskTool[]
  /** A closed object schema that the answer must fit. */
  readonly schema?: JsonObject | undefined
  /** Texts to turn into vectors. */
  readonly inputs: readonly string[]
  /** 0 switches the client's own repetitions off; undefined leaves them as the client has them. */
  readonly maxRetries?: 0 | undefined
  /** Aborted by the stage once `hear` has been called. */
  readonly signal?: AbortSignal | undefined
  /** Called with every piece of visible text as the client hands it out. */
  readonly hear: (text: string) => void
}

export interface TaskImage {
  readonly mediaType: string
  readonly base64: string
}

export interface TaskTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
  /** Writes the call down and gives the result that the provider must receive. */
  readonly run: (input: JsonValue) => string
}

/** What the client handed out. */
export interface Heard {
  /** Visible text of the last answer. */
  readonly text: string
  /** Thoughts of the first answer that had any; empty where there were none. */
  readonly reasoning?: string | undefined
  /** Tokens of the last answer, as the client counts them: everything read, everything written. */
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** What structured output came to. */
  readonly object?: JsonValue | undefined
  readonly vectors?: readonly (readonly number[])[] | undefined
  /** A stream that ended without an error of the client, and that the client nevertheless shows as unfinished. */
  readonly isUnfinished?: boolean | undefined
}

export type Act = (task: Task) => Promise<Heard>

/** Why a client has no such thing. */
export interface NotThere {
  readonly notThere: string
}

export const notThere = (reason: string): NotThere => ({ notThere: reason })

/** An error as an application sees it. */
export interface Failure {
  /** The name of the client's class of errors. */
  readonly name: string
  readonly status: number | undefined
  readonly message: string
}

export interface Acts {
  /** One question, whole. */
  readonly ask: Act | NotThere
  /** One question, streamed. */
  readonly stream: Act | NotThere
  /** Tools run until the answer is there, whole and streamed. */
  readonly loop: Act | NotThere
  readonly loopStreamed: Act | NotThere
  readonly structured: Act | NotThere
  readonly embed: Act | NotThere
}

export type Door = 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini' | 'cohere'

export interface ClientDriver {
  /** As it stands in the page: `openai, chat.completions`. */
  readonly title: string
  readonly door: Door
  /** The packages in use, for their versions. */
  readonly packages: readonly string[]
  readonly acts: Acts
  /** The classes of the client's errors by feature; each must be what is thrown. */
  readonly errorNames: ErrorNames
  failureOf(thrown: unknown): Failure
  /** How this client must be set up here, beyond its address and key. */
  readonly setUp?: string | undefined
  /** What this client lacks or does differently, by feature. */
  readonly limits?: Limits | undefined
  /** What fails because of this client, by feature: tried, and it must fail. */
  readonly faults?: Limits | undefined
  /** What fails so that nothing after it could be tried. */
  readonly untriedFaults?: Limits | undefined
}

/** The name of the client's class for each kind of refusal. */
export interface ErrorNames {
  readonly badRequest: string
  readonly unauthorized: string
  readonly notFound: string
  readonly rateLimited: string
  readonly serverError: string
}

/**
 * What a client lacks, by feature, or by feature and target. In the rows of `softLimits` the client is tried all the
 * same, and must do what the reason says; elsewhere there is nothing to try.
 */
export type Limits = Readonly<Partial<Record<FeatureName | `${FeatureName}@${TargetName}`, string>>>
