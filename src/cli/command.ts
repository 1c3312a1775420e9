/** The command line: which command was asked for, and the ones that end by themselves. */
import { parseArgs } from 'node:util'
import { helpText } from '#cli/help.ts'
import { runBalancesCommand } from '#cli/balances-command.ts'
import { runBudgetsCommand } from '#cli/budgets-command.ts'
import { runConfigCommand } from '#cli/config-command.ts'
import { runKeysCommand } from '#cli/keys-command.ts'
import { runLimitsCommand } from '#cli/limits-command.ts'
import { runPricesCommand } from '#cli/prices-command.ts'
import { runReconcileCommand } from '#cli/reconcile-command.ts'
import { version } from '#composition/version.ts'
import { Problem, toProblem } from '#core/domain/problem.ts'

/** `serve` is left to the caller, because it goes on until a signal comes. */
export type Command =
  | { readonly kind: 'serve'; readonly configFile: string | undefined }
  | { readonly kind: 'done'; readonly exitCode: number }

/** Options of all commands, as strings, `yes` for one without a value; each command says which it knows. */
export type Options = Readonly<Record<string, string | undefined>>

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  config: { type: 'string', short: 'c' },
  tenant: { type: 'string' },
  name: { type: 'string' },
  user: { type: 'string' },
  team: { type: 'string' },
  project: { type: 'string' },
  permissions: { type: 'string' },
  models: { type: 'string' },
  'expires-days': { type: 'string' },
  scope: { type: 'string' },
  subject: { type: 'string' },
  window: { type: 'string' },
  'time-zone': { type: 'string' },
  limit: { type: 'string' },
  degrade: { type: 'string' },
  soft: { type: 'boolean' },
  level: { type: 'string' },
  requests: { type: 'string' },
  tokens: { type: 'string' },
  concurrent: { type: 'string' },
  provider: { type: 'string' },
  file: { type: 'string' },
  key: { type: 'string' },
  tolerance: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  at: { type: 'string' },
  format: { type: 'string' },
  'dry-run': { type: 'boolean' },
  write: { type: 'boolean' },
  apply: { type: 'boolean' },
  id: { type: 'string' },
  amount: { type: 'string' },
  note: { type: 'string' },
} as const

/** Runs everything but serving. Errors of usage are told here and end with exit code 2. */
export async function runCommand(words: readonly string[]): Promise<Command> {
  const parsed = parse(words)
  if (parsed instanceof Problem) return told(parsed)
  const { values, positionals } = parsed
  if (values.help) return said(helpText)
  if (values.version) return said(`signalbox ${version}`)
  const [noun, ...rest] = positionals
  const textOptions: Options = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === true ? 'yes' : String(value)]),
  )
  if (noun === undefined || noun === 'start') return { kind: 'serve', configFile: values.config }
  try {
    if (noun === 'keys') return said(await runKeysCommand(rest, textOptions))
    if (noun === 'budgets') return said(await runBudgetsCommand(rest, textOptions))
    if (noun === 'limits') return said(await runLimitsCommand(rest, textOptions))
    if (noun === 'prices') return said(await runPricesCommand(rest, textOptions))
    if (noun === 'balances') return said(await runBalancesCommand(rest, textOptions))
    if (noun === 'reconcile') {
      const { text, exitCode } = await runReconcileCommand(rest, textOptions)
      return { ...said(text), exitCode }
    }
    if (noun === 'config') return said(runConfigCommand(rest, textOptions))
  } catch (failure) {
    return told(toProblem(failure))
  }
  return told(
    new Problem('invalid_value', {
      detail: `There is no command "${noun}".`,
      mend: 'signalbox --help lists the commands.',
    }),
  )
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (failure) {
    const detail = failure instanceof Error ? failure.message : String(failure)
    return new Problem('invalid_value', { detail, mend: 'signalbox --help lists the options.' })
  }
}

function said(text: string): Extract<Command, { kind: 'done' }> {
  process.stdout.write(`${text}\n`)
  return { kind: 'done', exitCode: 0 }
}

function told(problem: Problem): Command {
  if (problem.code === 'internal_error') throw problem
  process.stderr.write(`${problem.message}\n${problem.mend}\n`)
  return { kind: 'done', exitCode: 2 }
}
