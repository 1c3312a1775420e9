/** The task types that a request may name, with every spelling that means the same. */
import { nearestNames } from '#core/domain/nearest-names.ts'
import { Problem } from '#core/domain/problem.ts'

/** Canonical name, one sentence for the reference, and synonyms. Case, spaces, hyphens and underscores do not matter. */
export const taskTypes = {
  general: {
    about: 'Anything; the default.',
    synonyms: ['default', 'other', 'any', 'text', 'simple', 'standard'],
  },
  chat: {
    about: 'Conversation.',
    synonyms: [
      'conversation',
      'conversational',
      'dialog',
      'dialogue',
      'chatbot',
      'assistant',
      'customer_support',
      'support',
    ],
  },
  question_answering: {
    about: 'A question with an answer.',
    synonyms: [
      'qa',
      'q&a',
      'question',
      'questions',
      'faq',
      'factual',
      'knowledge',
      'rag',
      'retrieval',
      'search',
      'research',
    ],
  },
  summarization: {
    about: 'A long text made short.',
    synonyms: ['summarize', 'summary', 'summarise', 'summarisation', 'summarizing', 'tldr'],
  },
  translation: {
    about: 'From one language into another.',
    synonyms: ['translate', 'translating', 'localization', 'localisation'],
  },
  classification: {
    about: 'One of several labels.',
    synonyms: [
      'classify',
      'categorization',
      'categorisation',
      'categorize',
      'labeling',
      'labelling',
      'moderation',
      'intent',
      'intent_detection',
      'routing',
    ],
  },
  sentiment: { about: 'The feeling of a text.', synonyms: ['sentiment_analysis', 'emotion', 'tone'] },
  extraction: {
    about: 'Fields out of a text.',
    synonyms: [
      'extract',
      'information_extraction',
      'data_extraction',
      'entity_extraction',
      'ner',
      'named_entity_recognition',
      'parsing',
      'structured_output',
      'structured',
      'json',
    ],
  },
  analysis: {
    about: 'Examining a text or a situation.',
    synonyms: [
      'analyze',
      'analyse',
      'text_analysis',
      'document_analysis',
      'analytics',
      'evaluation',
      'review',
    ],
  },
  data_analysis: {
    about: 'Numbers and tables.',
    synonyms: ['data', 'data_science', 'statistics', 'sql', 'tables', 'spreadsheet'],
  },
  code: {
    about: 'Writing or changing programs.',
    synonyms: [
      'coding',
      'code_generation',
      'code_gen',
      'codegen',
      'programming',
      'code_completion',
      'debugging',
      'debug',
      'refactoring',
      'software',
      'development',
    ],
  },
  code_review: { about: 'Judging programs.', synonyms: ['review_code', 'code_analysis', 'code_explanation'] },
  math: {
    about: 'Calculation and proof.',
    synonyms: ['maths', 'mathematics', 'mathematical', 'calculation', 'arithmetic', 'math_reasoning'],
  },
  reasoning: {
    about: 'Many steps of thought.',
    synonyms: [
      'complex_reasoning',
      'logic',
      'logical_reasoning',
      'planning',
      'problem_solving',
      'complex',
      'thinking',
      'deep_thinking',
      'hard',
    ],
  },
  creative: {
    about: 'Stories, verse, ideas.',
    synonyms: [
      'creative_writing',
      'story',
      'storytelling',
      'poetry',
      'fiction',
      'brainstorming',
      'ideation',
      'brainstorm',
    ],
  },
  writing: {
    about: 'Texts for a purpose: letters, articles, advertising.',
    synonyms: [
      'content_generation',
      'content_creation',
      'content',
      'text_generation',
      'generation',
      'generate',
      'copywriting',
      'email',
      'marketing',
      'article',
      'blog',
      'completion',
    ],
  },
  editing: {
    about: 'A better version of a text.',
    synonyms: ['rewriting', 'rewrite', 'paraphrase', 'paraphrasing', 'proofreading', 'grammar', 'edit'],
  },
  vision: {
    about: 'Looking at images.',
    synonyms: [
      'image_analysis',
      'image_understanding',
      'image',
      'images',
      'image_description',
      'image_captioning',
      'captioning',
      'ocr',
      'visual',
      'visual_question_answering',
      'vqa',
    ],
  },
  multimodal: {
    about: 'Text with images, sound or documents.',
    synonyms: [
      'multi_modal',
      'mixed_media',
      'document_understanding',
      'document',
      'pdf',
      'audio',
      'video',
      'transcription',
    ],
  },
  tool_use: {
    about: 'Calling tools.',
    synonyms: ['tools', 'function_calling', 'function_call', 'agent', 'agentic', 'tool_calling'],
  },
} as const satisfies Record<string, { readonly about: string; readonly synonyms: readonly string[] }>

export type TaskType = keyof typeof taskTypes

export const taskTypeNames = Object.keys(taskTypes) as readonly TaskType[]

const bySpelling = new Map<string, TaskType>()
for (const name of taskTypeNames) {
  for (const spelling of [name, ...taskTypes[name].synonyms]) bySpelling.set(plain(spelling), name)
}

function plain(spelling: string): string {
  return spelling.toLowerCase().replace(/[\s_-]+/g, '')
}

/** The canonical name. Throws `unknown_task_type` with the nearest names. */
export function canonicalTaskType(written: string, param: string): TaskType {
  const name = written.length <= 128 ? bySpelling.get(plain(written)) : undefined
  if (name !== undefined) return name
  const near = nearestNames(written, [...bySpelling.keys(), ...taskTypeNames], 8)
  const names = new Set(near.map((spelling) => bySpelling.get(plain(spelling)) ?? 'general'))
  throw new Problem('unknown_task_type', {
    param,
    detail: `The task type "${written.slice(0, 64)}" is not known.`,
    nearest: [...names].slice(0, 3),
    facts: { task_types: taskTypeNames },
  })
}
