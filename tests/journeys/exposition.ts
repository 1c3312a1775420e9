/** A reader of the Prometheus text format that refuses whatever the format does not allow. Source: Prometheus exposition formats. */
import assert from 'node:assert/strict'

export interface Exposition {
  readonly types: ReadonlyMap<string, string>
  /** The value of each series by its name and labels as written: `name{a="b"}`. */
  readonly series: ReadonlyMap<string, number>
  /** The sum over the series of this name whose labels contain all of these. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"'
const helpLine = new RegExp(`^# HELP (${name}) \\S.*$`)
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary|untyped)$`)
const sampleLine = new RegExp(`^(${name})(\\{${label}(?:,${label})*,?\\})? (\\S+)(?: -?\\d+)?$`)

/** Asserts that the text is a valid exposition. */
export function readExposition(text: string): Exposition {
  assert.ok(text.endsWith('\n'), 'the last line is ended')
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const series = new Map<string, number>()
  const begun = new Set<string>()
  let family = ''
  for (const line of text.split('\n')) {
    if (line === '' || (line.startsWith('#') && !/^# (?:HELP|TYPE) /.test(line))) continue
    const help = helpLine.exec(line)?.[1]
    if (help !== undefined) {
      assert.ok(!helped.has(help), `${help} is explained once`)
      helped.add(help)
      continue
    }
    const [, typed, type = ''] = typeLine.exec(line) ?? []
    if (typed !== undefined) {
      assert.ok(!types.has(typed) && !begun.has(typed), `${typed} has one type, before its samples`)
      types.set(typed, type)
      continue
    }
    const [, sampled, labels = '', value = ''] = sampleLine.exec(line) ?? []
    assert.ok(sampled !== undefined, `this is no line of an exposition: ${line}`)
    const owner = familyOf(sampled, types)
    if (owner !== family) {
      assert.ok(!begun.has(owner), `the samples of ${owner} stand together`)
      begun.add(owner)
      family = owner
    }
    assert.ok(!series.has(sampled + labels), `${sampled}${labels} appears once`)
    series.set(sampled + labels, numberOf(value, line))
  }
  const exposition = { types, series, sum: summing(series) }
  for (const [owner, type] of types) if (type === 'histogram') checkHistogram(owner, series)
  return exposition
}

function familyOf(sampled: string, types: ReadonlyMap<string, string>): string {
  const stem = sampled.replace(/_(?:bucket|sum|count)$/, '')
  const type = types.get(stem)
  return type === 'histogram' || type === 'summary' ? stem : sampled
}

function numberOf(value: string, line: string): number {
  if (value === '+Inf' || value === '-Inf') return value === '+Inf' ? Infinity : -Infinity
  const number = Number(value)
  assert.ok(value === 'NaN' || !Number.isNaN(number), `no number: ${line}`)
  return number
}

/** Buckets grow, the last one is `+Inf`, and it equals the count. */
function checkHistogram(owner: string, series: ReadonlyMap<string, number>): void {
  const groups = new Map<string, { bound: number; count: number }[]>()
  for (const [key, count] of series) {
    if (!key.startsWith(`${owner}_bucket{`)) continue
    const bound = /le="([^"]*)"/.exec(key)?.[1] ?? ''
    const rest = key
      .slice(owner.length + '_bucket'.length)
      .replace(/,?le="[^"]*"/, '')
      .replace('{,', '{')
      .replace('{}', '')
    const group = groups.get(rest) ?? []
    group.push({ bound: bound === '+Inf' ? Infinity : Number(bound), count })
    groups.set(rest, group)
  }
  for (const [rest, buckets] of groups) {
    for (const [position, { bound, count }] of buckets.entries()) {
      const before = buckets[position - 1]
      if (!before) continue
      assert.ok(bound > before.bound && count >= before.count, `buckets of ${owner}${rest} grow`)
    }
    assert.equal(buckets.at(-1)?.bound, Infinity, `${owner}${rest} ends with +Inf`)
    assert.equal(buckets.at(-1)?.count, series.get(`${owner}_count${rest}`), `${owner}${rest} counts`)
  }
}

const summing =
  (series: ReadonlyMap<string, number>) =>
  (wanted: string, labels: Readonly<Record<string, string>> = {}): number => {
    const marks = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
    let sum = 0
    for (const [key, value] of series) {
      const isWanted = key === wanted || key.startsWith(`${wanted}{`)
      if (isWanted && marks.every((mark) => key.includes(mark))) sum += value
    }
    return sum
  }
