/** Settings of alerts: which budgets tell whom, when, and by which way. */
import { z } from 'zod'
import { budgetScopes } from '#core/domain/budget-scope.ts'
import { calendarWindows } from '#core/domain/budget-window.ts'
import { count, httpAddress, line, milliseconds, plainName } from '#config/schema/value-forms.ts'

const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
  error: 'must be the name of a secret: letters, digits and . _ -, at most 128 characters',
})

const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/, {
    error: 'must be a mail address like ops@example.com',
  })

const destination = z.strictObject({
  name: plainName.describe('What it is called in logs and health; unique.'),
  kind: z
    .enum(['webhook', 'slack', 'email'])
    .describe('webhook posts signed JSON; slack posts {"text": ...}, which others understand too.'),
  url: httpAddress.optional().describe('Where a webhook is posted to, when that address is no secret.'),
  url_secret: secretName
    .optional()
    .describe('The name of the secret that holds the address, like that of a Slack webhook.'),
  secret: secretName
    .optional()
    .describe('The name of the secret that signs a webhook, in x-signalbox-signature.'),
  host: line.optional().describe('The mail server.'),
  port: count(1, 65_535)
    .optional()
    .describe('Its port; left out, 587 with starttls, 465 with tls, 25 with none.'),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .optional()
    .describe('How the mail server is spoken to; left out, starttls.'),
  user: line.optional().describe('The user at the mail server.'),
  user_secret: secretName.optional().describe('The name of the secret that holds the user, instead.'),
  password_secret: secretName.optional().describe('The name of the secret that holds the password.'),
  from: mailAddress.optional().describe('The sender of mails.'),
  to: z.array(mailAddress).min(1).max(50).optional().describe('Who receives mails.'),
  scopes: z
    .array(z.enum(budgetScopes))
    .min(1)
    .optional()
    .describe('Only budgets of these scopes; left out, all.'),
  tenants: z
    .array(plainName)
    .min(1)
    .max(1_000)
    .optional()
    .describe('Only budgets that belong to these tenants; left out, all, and those that span tenants.'),
  allow_unencrypted: z
    .boolean()
    .default(false)
    .describe('Whether it may be reached without TLS beyond this machine.'),
})

export const alertsSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether budgets are watched.'),
    check_every_ms: milliseconds(100)
      .default(5_000)
      .describe('How often they are looked at; a change waits for the next start.'),
    thresholds: z
      .array(z.number().gt(0).max(10))
      .max(20)
      .default([0.5, 0.8, 1])
      .describe('Shares of a limit: each is told once in a window, and again after the limit was raised.'),
    forecast: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether a budget is told of that will be used up at its present run rate.'),
        days_ahead: z
          .number()
          .gt(0)
          .max(366)
          .default(7)
          .describe('Only when that is at most this many days away, and before the window begins anew.'),
        windows: z
          .array(z.enum(calendarWindows))
          .default(['week', 'month', 'total'])
          .describe('Budgets of which windows are forecast.'),
      })
      .prefault({})
      .describe('The date at which a budget will be used up.'),
    destinations: z
      .array(destination)
      .max(100)
      .default([])
      .describe('Who is told. Every alert is written to the log as well.'),
  })
  .describe('Alerts of budgets: what is spent, and what will not last.')
