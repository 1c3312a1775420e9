/** Settings of prices: the operator's own, what is added to them, and what a model without a price costs. */
import { z } from 'zod'
import { factor, priceList, priceTiers, serviceTiers } from '#config/schema/price-forms.ts'
import { dollars, line, plainName } from '#config/schema/value-forms.ts'

const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('A date (UTC) or a moment like 2026-11-23T12:00:00Z.')

const period = {
  valid_from: moment.optional().describe('From when; left out, always. Requests count by when they began.'),
  valid_to: moment.optional().describe('Until when, this moment not included.'),
}

const ownPrice = z.strictObject({
  provider: plainName.optional().describe('The provider; left out, any.'),
  model: plainName
    .optional()
    .describe("The model, by the catalogue's name or the provider's; left out, any."),
  ...period,
  factor: factor.optional().describe('Times the prices of the catalogue; in place of prices.'),
  ...priceList,
  input: priceList.input.optional(),
  output: priceList.output.optional(),
  tiers: priceTiers,
  service_tiers: serviceTiers,
})

const percent = z.union([z.number(), z.string().max(16)]).refine(isPercent, {
  error: 'must be a percentage from -100 to 10000 like 12.5',
})

function isPercent(value: number | string): boolean {
  const text = String(value).trim()
  return /^-?\d{1,5}(?:\.\d{1,4})?$/.test(text) && Number(text) >= -100 && Number(text) <= 10_000
}

const margin = z.strictObject({
  tenant: plainName.optional().describe('The tenant; left out, any.'),
  provider: plainName.optional().describe('The provider; left out, any.'),
  model: plainName
    .optional()
    .describe("The model, by the catalogue's name or the provider's; left out, any."),
  ...period,
  percent: percent.default(0).describe('Added to what the provider charges; below 0 is a discount.'),
  per_request: dollars.default(0).describe('US dollars added to each answer that is charged.'),
  note: line.optional().describe('For people.'),
})

export const pricingSettings = z
  .strictObject({
    unknown_model: z
      .enum(['refuse', 'ceiling'])
      .default('refuse')
      .describe('What to do with a model whose price is unknown: refuse it, or charge the ceiling.'),
    ceiling_usd_per_million_tokens: z
      .strictObject({
        input: dollars.default(30).describe('US dollars for a million input tokens.'),
        output: dollars.default(180).describe('US dollars for a million output tokens.'),
      })
      .prefault({})
      .describe('The price of unknown models, with unknown_model: ceiling.'),
    unknown_service_tier_factor: factor
      .default('2.5')
      .describe('Times the list price, for a dear service tier (priority, ...) of which no price is known.'),
    overrides: z
      .array(ownPrice)
      .max(10_000)
      .default([])
      .describe('Prices of your own, in place of the catalogue; the last one that is valid counts.'),
    margins: z
      .array(margin)
      .max(10_000)
      .default([])
      .describe(
        'What tenants pay beyond the cost; one for the tenant counts before any other, then one for the model.',
      ),
  })
  .describe('What requests cost, and what is charged for them.')
