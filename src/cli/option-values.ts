/** Values of options: words of a list, amounts of money, and how a command is used rightly. */
import type { Options } from '#cli/command.ts'
import { amountToNano } from '#core/domain/currency.ts'
import type { Currency } from '#core/domain/currency.ts'
import type { NanoUsd } from '#core/domain/money.ts'
import { Problem } from '#core/domain/problem.ts'

/** Throws `invalid_value` with the right use of the command as its advice. */
export function readsOptions(options: Options, use: string) {
  const wrong = (detail: string) => new Problem('invalid_value', { detail, mend: `Use: ${use}` })
  return {
    wrong,
    /** Refuses options of other commands: where one is passed over, less is set than was meant, or more. */
    requireOnly(known: readonly string[]): void {
      const strange = Object.keys(options).find((name) => name !== 'config' && !known.includes(name))
      if (strange !== undefined) throw wrong(`--${strange} is no option of this command.`)
    },
    word<Word extends string>(name: string, words: readonly Word[]): Word {
      const word = words.find((known) => known === options[name])
      if (word !== undefined) return word
      throw wrong(`--${name} must be one of ${words.join(', ')}.`)
    },
    /** Undefined when it is left out. */
    count(name: string): number | undefined {
      const text = options[name]
      if (text === undefined) return undefined
      if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
      throw wrong(`--${name} must be a whole number above 0.`)
    },
    text(name: string): string {
      const text = options[name]
      if (text !== undefined && text !== '') return text
      throw wrong(`--${name} is missing.`)
    },
    /** In US dollars or, where one is given, in that currency like `250 EUR`. */
    amount(name: string, currency?: Currency): NanoUsd {
      try {
        const amount = amountToNano(options[name] ?? '', currency)
        if (amount >= 0) return amount
      } catch {
        // Told below, with what would be right.
      }
      throw wrong(
        `--${name} must be an amount of US dollars, like 250 or 0.05${currency ? `, or of ${currency.code}, like "250 ${currency.code}"` : ''}.`,
      )
    },
  }
}
