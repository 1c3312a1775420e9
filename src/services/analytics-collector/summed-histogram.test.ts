/** The exposition of summed histograms, beside that of the library's own. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { Histogram, Registry } from '@prometheus-io/client'
import fc from 'fast-check'

import { createSummedHistogram } from '#services/analytics-collector/summed-histogram.ts'

const terms = { name: 'signalbox_test_seconds', help: 'Time.', buckets: [0.01, 0.25, 1, 5] }
const observation = fc.record({
  door: fc.constantFrom('chat', 'odd "name"\\ of\na door'),
  model: fc.constantFrom('small', 'large'),
  value: fc.oneof(fc.constantFrom(0, 0.01, 0.25, 1, 5, 6), fc.double({ min: 0, max: 10, noNaN: true })),
})

/** The lines of an exposition in an order of their own; each line's labels too. */
const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) =>
      line.replace(/\{(.*)\}/, (_, labels: string) =>
        labels
          .split(/,(?=\w+=)/)
          .sort()
          .join(),
      ),
    )
    .sort()

it('is written as the library writes its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 40 }), async (observations) => {
      const [registry, plain] = [new Registry(), new Registry()]
      const summed = createSummedHistogram(registry, terms)
      const own = new Histogram({ ...terms, labelNames: ['door', 'model'], registers: [plain] })
      for (const { door, model, value } of observations) {
        summed.series({ door, model }).observe(value)
        own.observe({ door, model }, value)
      }
      assert.deepEqual(linesOf(await registry.metrics()), linesOf(await plain.metrics()))
    }),
  )
})

it('a series is the same each time, and says nothing before it has a value', async () => {
  const registry = new Registry()
  const histogram = createSummedHistogram(registry, terms)
  assert.equal(histogram.series({ door: 'chat' }), histogram.series({ door: 'chat' }))
  assert.doesNotMatch(await registry.metrics(), /_count/)
  histogram.series({ door: 'chat' }).observe(2)
  assert.match(await registry.metrics(), /signalbox_test_seconds_count\{door="chat"\} 1/)
})

it('a name that is taken is refused', () => {
  const registry = new Registry()
  createSummedHistogram(registry, terms)
  assert.throws(() => createSummedHistogram(registry, terms), /already/)
})
