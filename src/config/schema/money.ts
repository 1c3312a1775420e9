/** Settings of budgets: how much may be spent. */
import { z } from 'zod'
import { budgetScopes } from '#core/domain/budget-scope.ts'
import { budgetWindows } from '#core/domain/budget-window.ts'
import { degradeActions } from '#core/domain/degrade-step.ts'
import { knownTimeZone } from '#core/domain/time-zone.ts'
import { rate } from '#config/schema/price-forms.ts'
import { budgetAmount, count, dollars, milliseconds, plainName } from '#config/schema/value-forms.ts'

const timeZone = z
  .string()
  .max(64)
  .refine((name) => knownTimeZone(name) !== undefined, {
    error: 'must be the IANA name of a time zone, like Europe/Berlin',
  })

const degradeStep = z.strictObject({
  from_percent: z
    .number()
    .min(0)
    .max(100)
    .describe('From which share of the limit on, spent and held together; 0 is always.'),
  action: z
    .enum(degradeActions)
    .describe(
      'cheaper_models: the cheapest that can answers, of the models asked for and those named; lower_output_cap: answers get shorter; pace: spending goes on no faster than the window passes, and what comes too early is told when to come again.',
    ),
  models: z
    .array(plainName)
    .max(64)
    .default([])
    .describe(
      'With cheaper_models: models, aliases and routes that may answer in place of the one asked for.',
    ),
  output_tokens: count(64, 10_000_000)
    .optional()
    .describe('With lower_output_cap: the longest answer from then on.'),
})

const budgetLimit = z.strictObject({
  scope: z
    .enum(budgetScopes)
    .describe(
      'What the limit is for; everyone is the whole gateway, organisation the tenants named under organisations, user whom the key belongs to or else whom the request names, end_user whom the request names beside the user of its key, tag what requests call themselves in x-signalbox-tags.',
    ),
  id: plainName
    .optional()
    .describe('Whose budget; left out, each one of the scope has this limit for itself.'),
  tenant: plainName
    .optional()
    .describe('The tenant of the team, project, user, key, end user or tag; left out, any tenant.'),
  window: z
    .enum(budgetWindows)
    .default('month')
    .describe(
      'The calendar span after which spending starts from zero; total never does, and a rolling one counts the last hour, 24 hours, 7 or 30 days at every moment.',
    ),
  time_zone: timeZone
    .optional()
    .describe(
      'The IANA name of the zone by whose clocks the window begins, like Europe/Berlin; weeks begin on Monday. Left out, UTC.',
    ),
  limit: budgetAmount.describe(
    'The most that may be spent, in US dollars, or in budget.currency as "250 EUR".',
  ),
  hard: z
    .boolean()
    .default(true)
    .describe('Whether it refuses; a limit that is not hard is counted and told of only.'),
  degrade: z
    .array(degradeStep)
    .max(16)
    .default([])
    .describe('What is done before it refuses, each from its share on.'),
})

export const budgetSettings = z
  .strictObject({
    default_monthly_limit: budgetAmount
      .optional()
      .describe(
        'US dollars for each user and calendar month (UTC), where no limit below names the user; a request without a user counts for its key. Left out, no limit.',
      ),
    currency: z
      .string()
      .max(16)
      .default('USD')
      .describe(
        'The currency in which amounts are shown beside US dollars and limits may be stated, like EUR; what is kept and counted stays in dollars.',
      ),
    currency_per_usd: rate
      .optional()
      .describe('How much of the currency a US dollar is worth, like "0.92"; needed for any but USD.'),
    limits: z
      .array(budgetLimit)
      .max(10_000)
      .default([])
      .describe('Further limits; all that apply must hold.'),
    organisations: z
      .record(plainName, z.array(plainName).max(10_000))
      .default({})
      .describe('Which tenants belong to which organisation, for limits of the scope organisation.'),
    unstated_max_output_tokens: count(1, 10_000_000)
      .default(16_384)
      .describe('The longest answer to requests that state no limit; its price is held beforehand.'),
    hold_lease_ms: milliseconds(1000)
      .default(900_000)
      .describe('Money held for a request that never reported back is charged in full after this long.'),
    outage: z
      .enum(['slices', 'closed', 'open'])
      .default('slices')
      .describe(
        'What is served while Redis is away: what no limit binds and what small slices of the busy budgets pay for, which each instance holds ahead; nothing; or more than that, up to outage_open_max.',
      ),
    slice_lease_ms: milliseconds(30_000)
      .default(3_600_000)
      .describe(
        'How long an instance serves from a slice without a word from Redis; the slices of one that is gone are charged in full after it, until that instance comes back or they are given back with signalbox budgets release-instance.',
      ),
    outage_open_max: dollars
      .default(0)
      .describe(
        'With outage: open, US dollars that each instance may spend in one outage beyond its slices.',
      ),
  })
  .describe('How much may be spent.')
