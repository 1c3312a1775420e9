/** The table of support, second part: tools, the form of the answer, thinking and the numbers beside. */
import { done, doneBy, everywhere, onlyAt, passedOver, refused, row } from '#core/domain/support.ts'
import type { FeatureRow, Params } from '#core/domain/support.ts'

/** The five names of a parameter, in the order of the reference; empty where an API has none. */
function named(...[chat, responses, anthropic, gemini, cohere]: readonly string[]): Params {
  return {
    ...(chat ? { 'openai-chat': chat } : {}),
    ...(responses ? { 'openai-responses': responses } : {}),
    ...(anthropic ? { 'anthropic-messages': anthropic } : {}),
    ...(gemini ? { 'gemini-generate': gemini } : {}),
    ...(cohere ? { 'cohere-chat': cohere } : {}),
  }
}
/** `tools`, in those APIs that can say it there: C, R, A, G and H for Cohere. */
const inTools = (letters: string): Params =>
  named(...['C', 'R', 'A', 'G', 'H'].map((letter) => (letters.includes(letter) ? 'tools' : '')))
const inEveryChoice = named('tool_choice', 'tool_choice', 'tool_choice', 'toolConfig', 'tool_choice')
const inChoice = named('tool_choice', 'tool_choice', 'tool_choice', 'toolConfig', '')
const inThinking = named(
  'reasoning_effort',
  'reasoning',
  'thinking',
  'generationConfig.thinkingConfig',
  'thinking',
)
const inForm = named(
  'response_format',
  'text.format',
  'output_config.format',
  'generationConfig.responseMimeType',
  'response_format',
)
const inStop = named('stop', '', 'stop_sequences', 'generationConfig.stopSequences', 'stop_sequences')
const inTemperature = named(
  'temperature',
  'temperature',
  'temperature',
  'generationConfig.temperature',
  'temperature',
)
const inPenalties = (kind: 'frequency' | 'presence') =>
  named(`${kind}_penalty`, '', '', `generationConfig.${kind}Penalty`, `${kind}_penalty`)
const inLogprobs = named('logprobs', 'top_logprobs', '', 'generationConfig.responseLogprobs', 'logprobs')
const inModalities = named('modalities', '', '', 'generationConfig.responseModalities', '')

const openAiClients = 'Anthropic documentation, "OpenAI SDK compatibility"'
const wrapped = doneBy('as a function with one text argument `input`, and back in the answer')
const onlyThese = doneBy('by offering only these tools')

export const settingSupport = {
  tools: row('tools', inTools('CRAGH'), everywhere),
  strict_tools: row('tools held to their schema', inTools('CRAH'), [
    done,
    done,
    done,
    doneBy('calling mode `VALIDATED` or `ANY`, for all tools'),
    doneBy('`strict_tools`, for all tools'),
  ]),
  custom_tools: row('tools that take free text', inTools('CR'), [done, done, wrapped, wrapped, wrapped]),
  custom_grammar: row('tools that take text of a grammar', inTools('CR'), [
    done,
    done,
    refused,
    refused,
    refused,
  ]),
  server_tools_of_openai_chat: row(
    'tools that a provider of chat completions runs',
    inTools('C'),
    onlyAt('openai-chat', refused),
  ),
  server_tools_of_openai_responses: row(
    'tools that OpenAI runs in Responses',
    inTools('R'),
    onlyAt('openai-responses', refused),
  ),
  server_tools_of_anthropic: row(
    'tools that Anthropic runs',
    inTools('A'),
    onlyAt('anthropic-messages', refused),
  ),
  server_tools_of_gemini: row('tools that Google runs', inTools('G'), onlyAt('gemini-generate', refused)),
  server_tools_of_cohere: row('tools that Cohere runs', inTools(''), onlyAt('cohere-chat', refused)),
  choice_auto: row('a free choice of tools', inChoice, everywhere),
  choice_required: row('some tool that must be called', inEveryChoice, everywhere),
  choice_none: row('tools that must not be called', inEveryChoice, everywhere),
  choice_named: row('one tool that must be called', inChoice, [done, done, done, done, onlyThese]),
  choice_allowed: row(
    'a choice among some of the tools',
    named('tool_choice', 'tool_choice', '', 'toolConfig', ''),
    [onlyThese, done, onlyThese, done, onlyThese],
  ),
  one_call_at_a_time: row(
    'one tool call at a time',
    named('parallel_tool_calls', 'parallel_tool_calls', 'tool_choice.disable_parallel_tool_use', '', ''),
    [done, done, done, refused, refused],
  ),
  one_call_of_a_forced_tool: row(
    'one call of the one tool that must be called',
    named('parallel_tool_calls', 'parallel_tool_calls', 'tool_choice.disable_parallel_tool_use', '', ''),
    [
      done,
      done,
      done,
      passedOver('parallel_tool_calls', 'The tool is forced; a second call of it cannot be forbidden'),
      passedOver('parallel_tool_calls', 'The tool is forced; a second call of it cannot be forbidden'),
    ],
  ),
  json_schema: row('answers of a JSON schema', inForm, everywhere),
  json_without_schema: row(
    'answers in JSON without a schema',
    named('response_format', 'text.format', '', 'generationConfig.responseMimeType', 'response_format'),
    [done, done, doneBy('by an instruction in `system`'), done, done],
  ),
  json_beside_tools: row('answers in JSON beside tools', inForm, [done, done, done, done, refused]),
  output_audio: row('answers in audio', inModalities, [
    doneBy('voice `alloy`, format `wav` for callers of other APIs'),
    refused,
    refused,
    done,
    refused,
  ]),
  output_image: row('answers with images', inModalities, [done, refused, refused, done, refused]),
  reasoning_effort: row(
    'an effort of thinking',
    named('reasoning_effort', 'reasoning', 'output_config.effort', 'generationConfig.thinkingConfig', ''),
    [
      done,
      done,
      doneBy('`output_config.effort`, or a budget of tokens on older models'),
      doneBy('the nearest `thinkingLevel`, or a budget on Gemini 2.5'),
      doneBy('a budget of tokens'),
    ],
  ),
  reasoning_budget: row(
    'a budget of tokens for thinking',
    named('', '', 'thinking', 'generationConfig.thinkingConfig', 'thinking'),
    [
      doneBy('the nearest effort'),
      doneBy('the nearest effort'),
      doneBy('`budget_tokens`, or the nearest effort on newer models'),
      doneBy('`thinkingBudget`, or the nearest level on Gemini 3'),
      done,
    ],
  ),
  reasoning_off: row('an answer without thinking', inThinking, everywhere),
  reasoning_shown: row(
    'thinking that is shown',
    named('', 'reasoning', 'thinking', 'generationConfig.thinkingConfig', 'thinking'),
    [done, doneBy('a summary'), done, doneBy('`includeThoughts`'), done],
  ),
  tools_while_thinking: row('tools while it thinks', inTools('CRAGH'), everywhere),
  forced_tool_while_thinking: row('a tool that must be called while it thinks', inEveryChoice, everywhere),
  sampling_while_thinking: row('temperature, top_p or top_k while it thinks', inTemperature, [
    done,
    done,
    refused,
    done,
    done,
  ]),
  streaming: row(
    'a streamed answer',
    named('stream', 'stream', 'stream', 'streamGenerateContent', 'stream'),
    everywhere,
  ),
  output_cap: row(
    'a limit of output tokens',
    named(
      'max_completion_tokens',
      'max_output_tokens',
      'max_tokens',
      'generationConfig.maxOutputTokens',
      'max_tokens',
    ),
    everywhere,
  ),
  stop: row('stop sequences', inStop, [done, refused, done, done, done]),
  blank_stop: row(
    'stop sequences of white space',
    named('stop', '', '', 'generationConfig.stopSequences', 'stop_sequences'),
    [
      done,
      refused,
      passedOver('stop', `${openAiClients}: all stop sequences but those of white space work`),
      done,
      done,
    ],
  ),
  stop_over_four: row('more than four stop sequences', inStop, [refused, refused, done, done, done]),
  stop_over_five: row('more than five stop sequences', named('stop', '', 'stop_sequences', '', ''), [
    refused,
    refused,
    done,
    refused,
    refused,
  ]),
  seed: row('a seed', named('seed', '', '', 'generationConfig.seed', 'seed'), [
    done,
    refused,
    passedOver('seed', `${openAiClients}: \`seed\` is ignored`),
    done,
    done,
  ]),
  temperature: row('a temperature', inTemperature, everywhere),
  high_temperature: row(
    'a temperature above 1',
    named('temperature', 'temperature', '', 'generationConfig.temperature', ''),
    [done, done, passedOver('temperature', `${openAiClients}: values above 1 are capped at 1`), done, done],
  ),
  top_p: row('top_p', named('top_p', 'top_p', 'top_p', 'generationConfig.topP', 'p'), [
    done,
    done,
    done,
    done,
    doneBy('`p`, from 0.01 to 0.99'),
  ]),
  temperature_with_top_p: row('temperature and top_p together', inTemperature, [
    done,
    done,
    refused,
    done,
    done,
  ]),
  top_k: row('top_k', named('top_k', '', 'top_k', 'generationConfig.topK', 'k'), [
    refused,
    refused,
    done,
    done,
    doneBy('`k`, at most 500'),
  ]),
  frequency_penalty: row('a frequency penalty', inPenalties('frequency'), [
    done,
    refused,
    passedOver('frequency_penalty', `${openAiClients}: \`frequency_penalty\` is ignored`),
    done,
    done,
  ]),
  presence_penalty: row('a presence penalty', inPenalties('presence'), [
    done,
    refused,
    passedOver('presence_penalty', `${openAiClients}: \`presence_penalty\` is ignored`),
    done,
    done,
  ]),
  penalties_outside_unit: row(
    'penalties below 0 or above 1',
    named('frequency_penalty', '', '', 'generationConfig.frequencyPenalty', ''),
    [done, refused, done, done, refused],
  ),
  logprobs: row('token log-probabilities', inLogprobs, [done, done, refused, done, done]),
  alternative_tokens: row(
    'log-probabilities of alternative tokens',
    named('top_logprobs', 'top_logprobs', '', 'generationConfig.logprobs', ''),
    [done, done, refused, done, refused],
  ),
  several_answers: row('several answers', named('n', '', '', 'generationConfig.candidateCount', ''), [
    done,
    refused,
    refused,
    done,
    refused,
  ]),
  end_user: row('the name of an end user', named('user', 'safety_identifier', 'metadata.user_id', '', ''), [
    done,
    doneBy('`safety_identifier`'),
    doneBy('`metadata.user_id`'),
    passedOver('user', 'Limits and budgets count by it here; the Gemini API has no place for it'),
    passedOver('user', 'Limits and budgets count by it here; the Cohere API has no place for it'),
  ]),
} as const satisfies Record<string, FeatureRow>
