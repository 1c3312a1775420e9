/** What single fields cannot say: settings that must fit each other. */
import { checkAlerts } from '#config/alert-rules.ts'
import { checkPrices } from '#config/price-rules.ts'
import type { ConfigFault, ConfigPath } from '#config/fault.ts'
import { checkPool } from '#config/pool-rules.ts'
import type { AdminConfig } from '#config/schema.ts'
import { toDegradeStep } from '#config/to-degrade.ts'
import { isOfTenant } from '#core/domain/budget-scope.ts'
import { hasTimeZone } from '#core/domain/budget-window.ts'
import { statedAmount } from '#core/domain/currency.ts'
import { nanoPerUsd, usdToNano } from '#core/domain/money.ts'
import { degradeFault } from '#core/domain/degrade-step.ts'
import { knownTimeZone } from '#core/domain/time-zone.ts'

type Report = (path: ConfigPath, reason: string) => void

/** Every rule between settings that is broken. */
export function brokenRules(settings: AdminConfig): ConfigFault[] {
  const faults: ConfigFault[] = []
  const report: Report = (path, reason) => faults.push({ path, reason })
  checkTimes(settings, report)
  checkRoutes(settings, report)
  checkAliases(settings, report)
  checkMoney(settings, report)
  checkBudgetLimits(settings, report)
  checkPrices(settings, report)
  checkOrganisations(settings, report)
  checkAlerts(settings, report)
  checkProviders(settings, report)
  return faults
}

function checkTimes({ resilience, server }: AdminConfig, report: Report): void {
  const { breaker } = resilience
  if (breaker.open_ms > breaker.open_max_ms) {
    report(['resilience', 'breaker', 'open_ms'], `must not be above open_max_ms (${breaker.open_max_ms})`)
  }
  if (resilience.retry_base_ms > resilience.retry_max_ms) {
    report(['resilience', 'retry_base_ms'], `must not be above retry_max_ms (${resilience.retry_max_ms})`)
  }
  for (const name of ['connect_ms', 'first_token_ms', 'first_token_reasoning_ms', 'idle_ms'] as const) {
    if (resilience[name] > resilience.total_ms) {
      report(['resilience', name], `must not be above total_ms (${resilience.total_ms})`)
    }
  }
  for (const [model, { first_token_ms: ownMs = 0, total_ms: allMs = resilience.total_ms }] of Object.entries(
    resilience.deadlines,
  )) {
    if (ownMs > allMs)
      report(['resilience', 'deadlines', model, 'first_token_ms'], `must not be above total_ms (${allMs})`)
  }
  if (server.headers_timeout_ms > server.request_timeout_ms) {
    report(
      ['server', 'headers_timeout_ms'],
      `must not be above request_timeout_ms (${server.request_timeout_ms})`,
    )
  }
}

function checkRoutes({ routing }: AdminConfig, report: Report): void {
  for (const [name, route] of Object.entries(routing.routes)) {
    const path = ['routing', 'routes', name, 'targets']
    const needsTargets = route.strategy === 'ordered' || route.strategy === 'weighted'
    if (needsTargets && route.targets.length === 0)
      report(path, `must name models, as the strategy is ${route.strategy}`)
    const weights = route.targets.map((target) => (typeof target === 'string' ? 1 : target.weight))
    if (route.strategy === 'weighted' && weights.length > 0 && weights.every((weight) => weight === 0)) {
      report(path, 'must have a weight above 0')
    }
    const isItself = route.targets.some(
      (target) => (typeof target === 'string' ? target : target.model) === name,
    )
    if (isItself) report(path, 'must not name the route itself')
  }
}

function checkAliases({ routing }: AdminConfig, report: Report): void {
  for (const name of Object.keys(routing.aliases)) {
    const seen = new Set([name])
    let next = routing.aliases[name]
    while (next !== undefined && !seen.has(next)) {
      seen.add(next)
      next = routing.aliases[next]
    }
    if (next === name) report(['routing', 'aliases', name], 'leads back to itself')
  }
}

function checkMoney({ budget, pricing }: AdminConfig, report: Report): void {
  checkCurrency(budget, report)
  if (pricing.unknown_model !== 'ceiling') return
  for (const direction of ['input', 'output'] as const) {
    if (usdToNano(pricing.ceiling_usd_per_million_tokens[direction]) === 0) {
      report(
        ['pricing', 'ceiling_usd_per_million_tokens', direction],
        'must be above 0: an unknown price is never free',
      )
    }
  }
}

function checkCurrency(
  { currency, currency_per_usd: rate, ...budget }: AdminConfig['budget'],
  report: Report,
) {
  const code = currency.trim().toUpperCase()
  if (!/^[A-Z]{3}$/.test(code))
    report(['budget', 'currency'], 'must be the three letters of a currency, like EUR')
  else if (code !== 'USD' && rate === undefined)
    report(['budget', 'currency'], `needs currency_per_usd: how much ${code} a US dollar is worth`)
  if (code === 'USD' && rate !== undefined && usdToNano(rate) !== nanoPerUsd)
    report(['budget', 'currency_per_usd'], 'must be 1 for USD')
  const amounts = [
    [['default_monthly_limit'], budget.default_monthly_limit] as const,
    ...budget.limits.map(({ limit }, i) => [['limits', i, 'limit'], limit] as const),
  ]
  for (const [path, amount] of amounts) {
    const stated = amount === undefined ? undefined : statedAmount(amount)
    if (stated && stated.code !== 'USD' && stated.code !== code)
      report(['budget', ...path], `is in ${stated.code}, and amounts are in USD or budget.currency (${code})`)
  }
}

function checkBudgetLimits({ budget }: AdminConfig, report: Report): void {
  const seen = new Set<string>()
  for (const [index, limit] of budget.limits.entries()) {
    const path = ['budget', 'limits', index]
    if (limit.scope === 'everyone' && limit.id !== undefined)
      report([...path, 'id'], 'has no meaning for everyone')
    if (!isOfTenant(limit.scope) && limit.tenant !== undefined) {
      const advice = limit.scope === 'tenant' ? '; a tenant is named by id' : ''
      report([...path, 'tenant'], `has no meaning for the scope ${limit.scope}${advice}`)
    }
    if (limit.time_zone !== undefined && !hasTimeZone(limit.window)) {
      report([...path, 'time_zone'], `has no meaning for the window ${limit.window}`)
    }
    for (const [at, step] of limit.degrade.entries()) {
      const fault = degradeFault(toDegradeStep(step), limit)
      if (fault) report([...path, 'degrade', at, fault.field], fault.reason)
    }
    const zone = limit.time_zone === undefined ? 'UTC' : knownTimeZone(limit.time_zone)
    const identity = JSON.stringify([limit.scope, limit.id, limit.tenant, limit.window, zone])
    if (seen.has(identity)) report(path, 'states the same scope, id and window as an entry before it')
    seen.add(identity)
  }
}

function checkOrganisations({ budget }: AdminConfig, report: Report): void {
  const organisationOf = new Map<string, string>()
  for (const [name, tenants] of Object.entries(budget.organisations)) {
    for (const [index, tenant] of tenants.entries()) {
      const other = organisationOf.get(tenant)
      organisationOf.set(tenant, name)
      if (other === undefined) continue
      report(['budget', 'organisations', name, index], `names ${tenant}, which belongs to ${other}`)
    }
  }
}

/** Headers that the transport writes itself, or that would carry a secret in this file. */
const ownHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
])

function checkProviders({ providers }: AdminConfig, report: Report): void {
  for (const [name, provider] of Object.entries(providers)) {
    for (const header of Object.keys(provider.headers)) {
      if (!ownHeaders.has(header.toLowerCase())) continue
      report(['providers', name, 'headers', header], 'cannot be set here: Signalbox writes it itself')
    }
    checkPool(name, provider, report)
    if (provider.dialect !== undefined && provider.base_url === undefined && !provider.regions) {
      report(
        ['providers', name],
        'states a dialect and no base_url: a provider that is not built in needs both',
      )
    }
  }
}
