/** The rows of the admin API. */
import { alertTest, createAlertAdmin } from '#http/admin/alerts.ts'
import {
  balanceList,
  createBalanceAdmin,
  paidTopUp,
  topUpList,
  topUpQuery,
  topUpRequest,
} from '#http/admin/balances.ts'
import {
  budgetLine,
  budgetList,
  budgetRequest,
  createBudgetAdmin,
  removedBudget,
} from '#http/admin/budgets.ts'
import { createKeyAdmin, createdKey, keyList, keySummary, newKeyRequest } from '#http/admin/keys.ts'
import { createLimitAdmin, limitLine, limitList, limitRequest, removedLimit } from '#http/admin/limits.ts'
import {
  createReconciliationAdmin,
  reconciliationAnswer,
  reconciliationQuery,
} from '#http/admin/reconciliation.ts'
import { createReportAdmin, reportAnswer, reportQuery } from '#http/admin/reports.ts'
import { createUsageAdmin, usageAnswer, usageQuery } from '#http/admin/usage.ts'
import type { DoorPorts } from '#http/ports.ts'
import type { RouteRow } from '#http/routes.ts'

const admin = { permission: 'admin', shape: 'signalbox' } as const

export function adminRoutes(ports: DoorPorts): readonly RouteRow[] {
  return [
    ...keyRoutes(ports),
    ...usageRoutes(ports),
    ...budgetRoutes(ports),
    ...limitRoutes(ports),
    ...balanceRoutes(ports),
  ]
}

function keyRoutes(ports: DoorPorts): readonly RouteRow[] {
  const keys = createKeyAdmin(ports)
  return [
    {
      ...admin,
      method: 'POST',
      path: '/admin/v1/keys',
      summary: 'Make a key. Its secret is shown once.',
      body: newKeyRequest,
      answer: { status: 201, schema: createdKey },
      serve: keys.create,
    },
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/keys',
      summary: 'The keys of your tenant.',
      answer: { status: 200, schema: keyList },
      serve: keys.list,
    },
    {
      ...admin,
      method: 'DELETE',
      path: '/admin/v1/keys/:id',
      summary: 'Revoke a key for good.',
      answer: { status: 200, schema: keySummary },
      serve: keys.revoke,
    },
  ]
}

function usageRoutes(ports: DoorPorts): readonly RouteRow[] {
  const usage = createUsageAdmin(ports)
  const reports = createReportAdmin(ports)
  const reconciliations = createReconciliationAdmin(ports)
  return [
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/usage',
      summary: 'Requests, tokens and cost of a period.',
      query: usageQuery,
      answer: { status: 200, schema: usageAnswer },
      serve: usage.totals,
    },
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/reports/usage',
      summary:
        'Usage and cost of a period by tenant, team, user, key, model, provider, tag, ..., as JSON or CSV.',
      query: reportQuery,
      answer: { status: 200, schema: reportAnswer },
      serve: reports.usage,
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/v1/reports/reconciliation',
      summary:
        "A provider's own usage or cost export (JSON or CSV) compared with the rows here. For the operator.",
      query: reconciliationQuery,
      answer: { status: 200, schema: reconciliationAnswer },
      serve: reconciliations.compare,
    },
  ]
}

function budgetRoutes(ports: DoorPorts): readonly RouteRow[] {
  const budgets = createBudgetAdmin(ports)
  const alerts = createAlertAdmin(ports)
  return [
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/budgets',
      summary: 'The budgets of your tenant, with what each has left.',
      answer: { status: 200, schema: budgetList },
      serve: budgets.list,
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/v1/budgets',
      summary: 'Set a budget. It is in force at every instance within the second.',
      body: budgetRequest,
      answer: { status: 201, schema: budgetLine },
      serve: budgets.create,
    },
    {
      ...admin,
      method: 'PUT',
      path: '/admin/v1/budgets/:id',
      summary: 'Set a budget in the place of another.',
      body: budgetRequest,
      answer: { status: 200, schema: budgetLine },
      serve: budgets.replace,
    },
    {
      ...admin,
      method: 'DELETE',
      path: '/admin/v1/budgets/:id',
      summary: 'Remove a budget.',
      answer: { status: 200, schema: removedBudget },
      serve: budgets.remove,
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/v1/alerts/test',
      summary: 'Send a test alert to every destination.',
      answer: { status: 200, schema: alertTest },
      serve: alerts.test,
    },
  ]
}

function limitRoutes(ports: DoorPorts): readonly RouteRow[] {
  const limits = createLimitAdmin(ports)
  const path = '/admin/v1/limits'
  return [
    {
      ...admin,
      method: 'GET',
      path,
      summary: 'The limits of requests, tokens and requests at once. For the operator, like all about them.',
      answer: { status: 200, schema: limitList },
      serve: limits.list,
    },
    {
      ...admin,
      method: 'POST',
      path,
      summary: 'Set a limit. It is in force at every instance within the second.',
      body: limitRequest,
      answer: { status: 201, schema: limitLine },
      serve: limits.create,
    },
    {
      ...admin,
      method: 'PUT',
      path: `${path}/:id`,
      summary: 'Set a limit in the place of another.',
      body: limitRequest,
      answer: { status: 200, schema: limitLine },
      serve: limits.replace,
    },
    {
      ...admin,
      method: 'DELETE',
      path: `${path}/:id`,
      summary: 'Remove a limit.',
      answer: { status: 200, schema: removedLimit },
      serve: limits.remove,
    },
  ]
}

function balanceRoutes(ports: DoorPorts): readonly RouteRow[] {
  const balances = createBalanceAdmin(ports)
  return [
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/balances',
      summary: 'The prepaid balances of your tenant, with what is left of each.',
      answer: { status: 200, schema: balanceList },
      serve: balances.list,
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/v1/balances/top-ups',
      summary: 'Pay into a prepaid balance, once for each id (200 when it was paid in before).',
      body: topUpRequest,
      answer: { status: 201, schema: paidTopUp },
      serve: balances.topUp,
    },
    {
      ...admin,
      method: 'GET',
      path: '/admin/v1/balances/top-ups',
      summary: 'What was paid into a balance, the newest first.',
      query: topUpQuery,
      answer: { status: 200, schema: topUpList },
      serve: balances.history,
    },
  ]
}
