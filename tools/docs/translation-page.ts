/** The page of translation: what becomes of each feature at each target, from the table that routing goes by. */
import type { Dialect } from '#core/domain/chat.ts'
import { featureTable } from '#core/domain/dialect-support.ts'
import { allFeatures } from '#core/domain/feature.ts'
import type { Feature } from '#core/domain/feature.ts'
import { exceptions } from '#core/domain/support-exceptions.ts'
import type { FeatureRow, Support } from '#core/domain/support.ts'
import { code, page, table } from './markdown.ts'

const dialects = {
  'openai-chat': 'OpenAI chat',
  'openai-responses': 'OpenAI Responses',
  'anthropic-messages': 'Anthropic',
  'gemini-generate': 'Gemini',
  'cohere-chat': 'Cohere',
} as const satisfies Record<Dialect, string>
const columns = Object.entries(dialects) as [Dialect, string][]

const sections: readonly (readonly [title: string, first: Feature])[] = [
  ['The conversation', 'system_prompt'],
  ['Media', 'image_data'],
  ['Tools and the form of the answer', 'tools'],
  ['Thinking', 'reasoning_effort'],
  ['Numbers and words beside', 'streaming'],
]

export function translationPage(): string {
  return page(
    'Translation',
    'Every API that is served can ask every target. A request in a target’s own API passes through as it is; any other is translated, and for each feature there is one of three outcomes:',
    [
      '- **done**: said in the target’s own words; what differs from the plain way stands beside it.',
      '- **refused**: the target is not asked. A route passes it over, a fallback list skips it, and a model asked for by name is refused with `unsupported_feature` before anything is held or sent; the error names the feature, the field and, in `nearest`, models that can.',
      '- **passed over**: left out, because the target documents that it ignores it, and reported under the name shown in the header `x-signalbox-dropped`.',
    ].join('\n'),
    'Nothing is left out silently. Values that change nothing (a temperature or `top_p` of 1, penalties of 0, one answer) count as not stated. A model that speaks two dialects is asked in the one that can say everything; otherwise in the caller’s own, else in chat completions.',
    ...sections.flatMap(([title, first], at) => sectionOf(title, first, sections[at + 1]?.[1])),
    '## Where a model or a provider differs',
    'These go before the tables above. "Own API too" says that a request in the target’s own API is treated the same, because the model itself cannot.',
    table(
      ['Features', 'Where', 'Outcome', 'Own API too'],
      exceptions.map(({ features, where, support, isNativeToo }) => [
        features.map(code).join(', '),
        where,
        outcome(support),
        isNativeToo ? 'yes' : 'no',
      ]),
    ),
    '## Names in `x-signalbox-dropped`',
    'The names are the same whichever API was called. Beside these, a member that only its own API has a meaning for is reported by its own name when another target is asked.',
    table(['Name', 'Feature', 'Target', 'Source'], droppedRows()),
  )
}

function sectionOf(title: string, first: Feature, next: Feature | undefined): readonly string[] {
  const from = allFeatures.indexOf(first)
  const to = next === undefined ? allFeatures.length : allFeatures.indexOf(next)
  const rows = allFeatures.slice(from, to).filter((feature) => paramsOf(feature).length > 0)
  return [
    `## ${title}`,
    table(
      ['Feature', 'Can be said in', ...columns.map(([, name]) => name)],
      rows.map((feature) => {
        const { words, targets }: FeatureRow = featureTable[feature]
        return [
          `${code(feature)}: ${words}`,
          saidIn(feature),
          ...columns.map(([dialect]) => outcome(targets[dialect])),
        ]
      }),
    ),
  ]
}

const paramsOf = (feature: Feature) => Object.keys(featureTable[feature].params ?? {})

function saidIn(feature: Feature): string {
  const doors = columns.filter(([dialect]) => featureTable[feature].params?.[dialect] !== undefined)
  if (doors.length === columns.length) return 'every API'
  return doors.map(([, name]) => name).join(', ')
}

function outcome(support: Support): string {
  switch (support.outcome) {
    case 'done':
      return support.how === undefined ? 'done' : `done: ${support.how}`
    case 'refused':
      return '**refused**'
    case 'passed-over':
      return `passed over: ${code(support.named)}`
  }
}

function droppedRows(): readonly string[][] {
  const rows: string[][] = []
  for (const feature of allFeatures) {
    for (const [dialect, name] of columns) {
      const support = featureTable[feature].targets[dialect]
      if (support.outcome === 'passed-over' && paramsOf(feature).length > 0) {
        rows.push([code(support.named), featureTable[feature].words, name, support.source])
      }
    }
  }
  for (const { support, features, where } of exceptions) {
    if (support.outcome === 'passed-over') {
      rows.push([
        code(support.named),
        features.map((one) => featureTable[one].words).join(', '),
        where,
        support.source,
      ])
    }
  }
  return rows.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))
}
