/** Questions that between them ask for everything that the common form can say. */
import type { ChatMessage, ChatQuestion, Dialect } from '../../src/core/domain/chat.ts'
import {
  weather,
  text,
  user,
  assistant,
  system,
  call,
  result,
  tool,
  image,
  linkedImage,
  pdf,
  plainDocument,
  audio,
  video,
  strangersFile,
  tools,
  schema,
  hello,
  askWeather,
  bothCalls,
  strangersThought,
  strangersSearch,
} from './question-words.ts'

export interface NamedQuestion {
  readonly name: string
  readonly question: ChatQuestion
  /** Dialects that must be able to ask this; the others may refuse with `unsupported_feature`. */
  readonly certainFor: readonly Dialect[]
}

const everywhere: readonly Dialect[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini-generate',
  'cohere-chat',
]
const withoutCohere = everywhere.filter((dialect) => dialect !== 'cohere-chat')

type Asked = Partial<ChatQuestion> & { readonly messages: readonly ChatMessage[] }

const named = (name: string, asked: Asked, certainFor: readonly Dialect[] = everywhere): NamedQuestion => ({
  name,
  question: { isStreamed: false, ...asked },
  certainFor,
})

export const questions: readonly NamedQuestion[] = [
  named('text', { messages: hello }),
  named('text, streamed', { messages: hello, isStreamed: true }),
  named('a system prompt', { messages: [system('Be brief.'), ...hello] }),
  named('two instructions', {
    messages: [system('Be brief.'), { role: 'developer', parts: [text('Be kind.')] }, ...hello],
  }),
  named('an instruction in the middle', {
    messages: [...hello, assistant(text('Hi.')), system('Now in French.'), user(text('Go on'))],
  }),
  named('several turns', { messages: [...hello, assistant(text('Hi.')), user(text('How are you?'))] }),
  named('several turns of one speaker', { messages: [...hello, user(text('Are you there?'))] }),
  named('an empty part beside text', { messages: [user(text(''), text('Hello'))] }),
  named('an answer that was empty', { messages: [...hello, assistant(), user(text('Well?'))] }),
  named('a refusal in the past', {
    messages: [...hello, assistant({ type: 'refusal', text: 'I will not.' }), user(text('Please'))],
  }),
  named('a thought of another provider in the past', {
    messages: [...hello, assistant(strangersThought, text('Hi.')), user(text('And?'))],
  }),
  named('a search by another provider in the past', {
    messages: [...hello, assistant(strangersSearch, text('Found.')), user(text('And?'))],
  }),
  named('an image', { messages: [user(image, text('What is this?'))] }),
  named(
    'a linked image',
    { messages: [user(linkedImage, text('What is this?'))] },
    everywhere.filter((dialect) => dialect !== 'gemini-generate'),
  ),
  named('a PDF', { messages: [user(pdf, text('Sum it up.'))] }, withoutCohere),
  named('a document of text', { messages: [user(plainDocument, text('Sum it up.'))] }),
  named('audio', { messages: [user(audio, text('Write it down.'))] }, ['openai-chat', 'gemini-generate']),
  named('video', { messages: [user(video, text('What happens?'))] }, ['gemini-generate']),
  named('a file that another provider keeps', { messages: [user(strangersFile, text('Sum it up.'))] }, []),
  named('tools', { messages: [askWeather], tools }),
  named('tools, streamed', { messages: [askWeather], tools, isStreamed: true }),
  named('tools that may be used', { messages: [askWeather], tools, toolChoice: { mode: 'auto' } }),
  named('tools that must not be used', { messages: [askWeather], tools, toolChoice: { mode: 'none' } }),
  named('some tool that must be used', { messages: [askWeather], tools, toolChoice: { mode: 'required' } }),
  named('one tool that must be used', {
    messages: [askWeather],
    tools,
    toolChoice: { mode: 'named', name: 'get_weather' },
  }),
  named('tools of which some are allowed', {
    messages: [askWeather],
    tools,
    toolChoice: { mode: 'allowed', names: ['get_weather'], isRequired: true },
  }),
  named('one call at a time', { messages: [askWeather], tools, isParallelToolUseAllowed: false }, [
    'openai-chat',
    'openai-responses',
    'anthropic-messages',
  ]),
  named('a tool of free text', { messages: hello, tools: [{ kind: 'custom', name: 'run_sql' }] }),
  named('a tool with a name that few would take', {
    messages: [askWeather, assistant(call('call_1', 'weather.of/city')), tool(result('call_1', 'Sunny'))],
    tools: [{ ...weather, name: 'weather.of/city' }],
    toolChoice: { mode: 'named', name: 'weather.of/city' },
  }),
  named('an image that a model made', {
    messages: [...hello, assistant(text('Here.'), image), user(text('Larger, please.'))],
  }),
  named(
    'a tool that another provider runs',
    {
      messages: hello,
      tools: [
        {
          kind: 'server',
          name: 'web_search',
          origin: 'anthropic-messages',
          value: { type: 'web_search_20250305', name: 'web_search' },
        },
      ],
    },
    ['anthropic-messages'],
  ),
  named('parallel results in one message', {
    messages: [askWeather, bothCalls, tool(result('call_1', 'Sunny'), result('call_2', '{"sky":"grey"}'))],
    tools,
  }),
  named('parallel results in two messages', {
    messages: [askWeather, bothCalls, tool(result('call_1', 'Sunny')), tool(result('call_2', 'Grey'))],
    tools,
  }),
  named('a call without words or arguments', {
    messages: [
      user(text('What time is it?')),
      assistant(call('call_1', 'get_time', '{}')),
      tool(result('call_1', '12:00')),
    ],
    tools,
  }),
  named('a tool that failed', {
    messages: [
      askWeather,
      assistant(call('call_1', 'get_weather')),
      tool(result('call_1', 'No such city', true)),
    ],
    tools,
  }),
  named('a tool that said nothing', {
    messages: [askWeather, assistant(call('call_1', 'get_weather')), tool(result('call_1', ''))],
    tools,
  }),
  named('an image as a result', {
    messages: [
      askWeather,
      assistant(call('call_1', 'get_weather')),
      tool({ type: 'tool_result', callId: 'call_1', parts: [text('A chart'), image], isError: false }),
    ],
    tools,
  }),
  named('words after a result', {
    messages: [
      askWeather,
      assistant(call('call_1', 'get_weather')),
      tool(result('call_1', 'Sunny')),
      user(text('Thank you. And Rome?')),
    ],
    tools,
  }),
  named('a call with an id that few would take', {
    messages: [askWeather, assistant(call('a.b:c/d', 'get_weather')), tool(result('a.b:c/d', 'Sunny'))],
    tools,
  }),
  named('a call that Gemini signed', {
    messages: [
      askWeather,
      assistant(
        call('call_1', 'get_weather', '{"city":"Paris"}', [
          { origin: 'gemini-generate', kind: 'thought_signature', value: 'c2ln' },
        ]),
      ),
      tool(result('call_1', 'Sunny')),
    ],
    tools,
  }),
  named('JSON', { messages: [user(text('Answer in JSON.'))], responseFormat: { type: 'json' } }),
  named('JSON of a schema', {
    messages: [user(text('Which city? Answer in JSON.'))],
    responseFormat: { type: 'json_schema', name: 'city', schema, isStrict: true },
  }),
  named('plain text by name', { messages: hello, responseFormat: { type: 'text' } }),
  named('much thought', { messages: hello, reasoning: { effort: 'high' } }),
  named(
    'much thought that is shown',
    { messages: hello, reasoning: { effort: 'high', isShown: true } },
    everywhere.filter((dialect) => dialect !== 'openai-chat'),
  ),
  named('no thought', { messages: hello, reasoning: { effort: 'none' } }, []),
  named('a budget of thought', { messages: hello, reasoning: { budgetTokens: 2_048 } }, [
    'anthropic-messages',
    'gemini-generate',
  ]),
  named('stop sequences', { messages: hello, stopSequences: ['END', '###'] }, [
    'openai-chat',
    'anthropic-messages',
    'gemini-generate',
    'cohere-chat',
  ]),
  named('six stop sequences', { messages: hello, stopSequences: ['1', '2', '3', '4', '5', '6'] }, [
    'anthropic-messages',
  ]),
  named('a temperature', { messages: hello, temperature: 0.2 }),
  named('a high temperature', { messages: hello, temperature: 1.7 }, ['openai-chat', 'gemini-generate']),
  named('a nucleus', { messages: hello, topP: 0.9 }),
  named('the most likely tokens', { messages: hello, topK: 40 }, [
    'anthropic-messages',
    'gemini-generate',
    'cohere-chat',
  ]),
  named('a seed and penalties', { messages: hello, seed: 7, frequencyPenalty: 0.5, presencePenalty: 0.5 }, [
    'openai-chat',
    'gemini-generate',
    'cohere-chat',
  ]),
  named('two answers', { messages: hello, answerCount: 2 }, ['openai-chat', 'gemini-generate']),
  named('one answer by number', { messages: hello, answerCount: 1 }),
  named('log-probabilities', { messages: hello, logprobs: { top: 3 } }, ['openai-chat', 'gemini-generate']),
  named('an end user', { messages: hello, endUser: 'user-7' }),
  named('a cap', { messages: hello, maxOutputTokens: 100 }),
]
