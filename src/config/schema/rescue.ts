/** Settings of streams that break off. */
import { z } from 'zod'
import { count, milliseconds } from '#config/schema/value-forms.ts'

export const rescuePolicySetting = z.enum(['continue', 'hold', 'error'])

export const rescueSettings = z
  .strictObject({
    policy: rescuePolicySetting
      .default('continue')
      .describe(
        'When a stream breaks off after its first words: continue has another attempt go on with plain text and tells the rest as an error; hold gives the first words out late and begins anew while nothing is shown; error tells every break. A route or x-signalbox-rescue may say otherwise.',
      ),
    attempts_max: count(0, 10)
      .default(2)
      .describe('How many attempts at going on one stream gets; 0 is none.'),
    order: z
      .enum(['others_first', 'same_first', 'others_only'])
      .default('others_first')
      .describe('Who goes on: the other models of the route, or the one that broke off.'),
    overlap_characters_max: count(0, 4000)
      .default(200)
      .describe('The longest repetition that is left out where an answer goes on.'),
    kept_characters_max: count(0, 10_000_000)
      .default(400_000)
      .describe('Nobody goes on with a longer answer than this; so much of each is kept in memory.'),
    hold_tokens: count(1, 10_000)
      .default(32)
      .describe('With hold: words are given out once there are so many tokens of them.'),
    hold_ms: milliseconds(1)
      .default(1000)
      .describe('With hold: words are given out so long after the first of them at the latest.'),
  })
  .describe('What becomes of a stream that breaks off.')
